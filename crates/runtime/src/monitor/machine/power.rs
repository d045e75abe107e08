//! The battery as Windows tells it.

use jamey_protocol::monitor::Battery;
use starship_battery::{Manager, State, units::ratio::percent};

/// Asks for the first battery that answers.
pub(super) fn ask() -> Option<Battery> {
    let battery = Manager::new().ok()?.batteries().ok()?.find_map(Result::ok)?;
    let charge = battery.state_of_charge().get::<percent>();
    charge.is_finite().then(|| Battery {
        // A cast of a float holds at the ends of what fits.
        percent: charge.round().clamp(0.0, 100.0) as u8,
        is_discharging: matches!(battery.state(), State::Discharging | State::Empty),
    })
}
