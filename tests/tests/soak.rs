//! A minute of the soak (`cargo xtask soak` runs it for half an hour): what grows with every turn is
//! seen in a hundred of them too.
#![cfg(target_os = "linux")]

use std::time::Duration;

use jamey_tests::soak::{self, Bounds, Plan};

#[test]
fn a_minute_at_a_hundred_times_a_persons_pace_leaves_nothing_behind() {
    let plan = Plan {
        time: Duration::from_secs(60),
        warm_up: Duration::from_secs(15),
        warm_up_turns: 40,
        pace: 100,
        every: Duration::from_millis(500),
        bounds: Bounds::SHORT,
    };
    let report = soak::run(plan, |line| println!("{line}"));
    println!("{report}");
    assert_eq!(report.breaches(), Vec::<String>::new(), "{report}");
}
