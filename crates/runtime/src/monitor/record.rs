//! One moment as it lies on the disk: 64 bytes, with a sum that tells a torn one.

use jamey_protocol::monitor::{Point, Sample};

/// Bytes of a record.
pub(super) const SIZE: usize = 64;
/// Values of a record.
const VALUES: usize = 13;
/// Stands for a value that was not told.
const ABSENT: u32 = u32::MAX;

/// One moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Record {
    /// Counts all records ever made; it decides the place in the file.
    pub(super) number: u32,
    /// The moment.
    pub(super) point: Point,
}

impl Record {
    pub(super) fn to_bytes(self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        let seconds = u32::try_from(self.point.at / 1000).unwrap_or(0);
        let words = [self.number, seconds].into_iter().chain(packed(&self.point));
        for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        let sum = sum(&bytes[..SIZE - 4]);
        bytes[SIZE - 4..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// Reads a record; nothing if the place is empty or was written in part.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; SIZE] = bytes.try_into().ok()?;
        let mut words =
            bytes.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        let (number, seconds) = (words.next()?, words.next()?);
        let mut values = [ABSENT; VALUES];
        for value in &mut values {
            *value = words.next()?;
        }
        (words.next()? == sum(&bytes[..SIZE - 4]))
            .then(|| Self { number, point: unpacked(i64::from(seconds) * 1000, values) })
    }
}

/// FNV-1a. A place that was never written does not have it.
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum: u32, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// Shares in hundredths, memory in KiB, everything in 32 bits.
fn packed(point: &Point) -> [u32; VALUES] {
    let share = |value: Option<f32>| value.map_or(ABSENT, |it| (it * 100.0).clamp(0.0, 4e7) as u32);
    let count = |value: Option<u64>| value.map_or(ABSENT, |it| u32::try_from(it).unwrap_or(ABSENT - 1));
    let kib = |value: Option<u64>| count(value.map(|bytes| bytes / 1024));
    [
        share(point.cpu_percent),
        share(point.memory_percent),
        share(point.swap_percent),
        share(point.disk_percent),
        count(point.received_per_second),
        count(point.sent_per_second),
        share(point.gpu_percent),
        share(point.battery_percent),
        // No machine that runs is colder.
        share(point.temperature_celsius.map(|degrees| degrees + 100.0)),
        share(point.own_cpu_percent),
        kib(point.own_memory_bytes),
        share(point.children_cpu_percent),
        kib(point.children_memory_bytes),
    ]
}

fn unpacked(at: i64, values: [u32; VALUES]) -> Point {
    let share = |value: u32| (value != ABSENT).then(|| (f64::from(value) / 100.0) as f32);
    let count = |value: u32| (value != ABSENT).then_some(u64::from(value));
    let kib = |value: u32| count(value).map(|kib| kib * 1024);
    let [
        cpu,
        memory,
        swap,
        disk,
        received,
        sent,
        gpu,
        battery,
        warm,
        own_cpu,
        own_memory,
        child_cpu,
        child_memory,
    ] = values;
    Point {
        at,
        cpu_percent: share(cpu),
        memory_percent: share(memory),
        swap_percent: share(swap),
        disk_percent: share(disk),
        received_per_second: count(received),
        sent_per_second: count(sent),
        gpu_percent: share(gpu),
        battery_percent: share(battery),
        temperature_celsius: share(warm).map(|degrees| degrees - 100.0),
        own_cpu_percent: share(own_cpu),
        own_memory_bytes: kib(own_memory),
        children_cpu_percent: share(child_cpu),
        children_memory_bytes: kib(child_memory),
    }
}

/// What of a sample is kept.
pub(super) fn point(sample: &Sample) -> Point {
    Point {
        at: sample.at,
        cpu_percent: sample.cpu_percent,
        memory_percent: Some(sample.memory.used_percent()),
        swap_percent: sample.swap.map(|swap| swap.used_percent()),
        disk_percent: sample.disks.first().map(|disk| disk.room.used_percent()),
        received_per_second: sample.network.map(|network| network.received_per_second),
        sent_per_second: sample.network.map(|network| network.sent_per_second),
        gpu_percent: sample.gpus.iter().filter_map(|gpu| gpu.busy_percent).reduce(f32::max),
        battery_percent: sample.battery.map(|battery| f32::from(battery.percent)),
        temperature_celsius: sample.temperature_celsius,
        own_cpu_percent: sample.own.cpu_percent,
        own_memory_bytes: Some(sample.own.memory_bytes),
        children_cpu_percent: sample.children.cpu_percent,
        children_memory_bytes: Some(sample.children.memory_bytes),
    }
}

/// The mean of several moments; the time is that of the last.
pub(super) fn mean(points: &[Point]) -> Option<Point> {
    fn share(points: &[Point], of: impl Fn(&Point) -> Option<f32>) -> Option<f32> {
        let values: Vec<f32> = points.iter().filter_map(of).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f32>() / values.len() as f32)
    }
    fn count(points: &[Point], of: impl Fn(&Point) -> Option<u64>) -> Option<u64> {
        let values: Vec<u64> = points.iter().filter_map(of).collect();
        values.iter().sum::<u64>().checked_div(values.len() as u64)
    }
    let last = points.last()?;
    Some(Point {
        at: last.at,
        cpu_percent: share(points, |it| it.cpu_percent),
        memory_percent: share(points, |it| it.memory_percent),
        swap_percent: share(points, |it| it.swap_percent),
        disk_percent: share(points, |it| it.disk_percent),
        received_per_second: count(points, |it| it.received_per_second),
        sent_per_second: count(points, |it| it.sent_per_second),
        gpu_percent: share(points, |it| it.gpu_percent),
        battery_percent: share(points, |it| it.battery_percent),
        temperature_celsius: share(points, |it| it.temperature_celsius),
        own_cpu_percent: share(points, |it| it.own_cpu_percent),
        own_memory_bytes: count(points, |it| it.own_memory_bytes),
        children_cpu_percent: share(points, |it| it.children_cpu_percent),
        children_memory_bytes: count(points, |it| it.children_memory_bytes),
    })
}

/// Joins moments so that at most `most` are left, each for an equal span of time. Spans in which nothing
/// was seen have none.
pub(super) fn thinned(points: &[Point], most: usize) -> Vec<Point> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    if points.len() <= most {
        return points.to_vec();
    }
    let most_spans = i64::try_from(most.max(1)).unwrap_or(i64::MAX);
    let span = (last.at - first.at) / most_spans + 1;
    points
        .chunk_by(|one, two| (one.at - first.at) / span == (two.at - first.at) / span)
        .filter_map(mean)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64, cpu: f32) -> Point {
        Point { at: seconds * 1000, cpu_percent: Some(cpu), ..Point::default() }
    }

    #[test]
    fn a_moment_comes_back_as_it_was_kept_and_what_was_absent_stays_so() {
        let point = Point {
            cpu_percent: Some(12.5),
            temperature_celsius: Some(-3.25),
            own_memory_bytes: Some(12 << 20),
            received_per_second: Some(u64::MAX),
            ..at(1_800_000_000, 12.5)
        };
        let bytes = Record { number: 7, point }.to_bytes();
        let read = Record::of_bytes(&bytes).unwrap();
        assert_eq!(read.number, 7);
        let expected = Point { received_per_second: Some(u64::from(ABSENT - 1)), ..point };
        assert_eq!(read.point, expected);
    }

    #[test]
    fn an_empty_place_and_a_torn_one_are_nothing() {
        assert_eq!(Record::of_bytes(&[0; SIZE]), None);
        assert_eq!(Record::of_bytes(&[1; 3]), None);
        let mut bytes = Record { number: 1, point: at(5, 1.0) }.to_bytes();
        bytes[9] ^= 1;
        assert_eq!(Record::of_bytes(&bytes), None);
    }

    #[test]
    fn many_moments_become_few_means_and_gaps_stay_gaps() {
        let day: Vec<Point> = (0..2880).map(|n| at(n * 30, if n < 1440 { 0.0 } else { 100.0 })).collect();
        let few = thinned(&day, 10);
        assert_eq!(few.len(), 10);
        assert_eq!((few[0].cpu_percent, few[9].cpu_percent), (Some(0.0), Some(100.0)));
        let gap: Vec<Point> = (0..50).chain(9_000..9_050).map(|n| at(n, 1.0)).collect();
        assert_eq!(thinned(&gap, 10).len(), 2);
        assert_eq!(thinned(&gap, 1000).len(), 100);
        assert!(thinned(&[], 10).is_empty() && thinned(&day, 0).len() <= 1);
    }

    proptest! {
        #[test]
        fn no_bytes_are_read_as_a_record_by_chance(bytes in proptest::collection::vec(any::<u8>(), SIZE)) {
            if let Some(record) = Record::of_bytes(&bytes) {
                prop_assert_eq!(Record::of_bytes(&record.to_bytes()).is_some(), true);
            }
        }

        #[test]
        fn thinning_never_gives_more_than_asked(count in 0_i64..400, most in 1_usize..60, step in 1_i64..100) {
            let points: Vec<Point> = (0..count).map(|n| at(n * step, 1.0)).collect();
            prop_assert!(thinned(&points, most).len() <= most.max(points.len().min(most)));
        }
    }
}
