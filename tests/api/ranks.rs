//! The Mann–Whitney U test: whether two samples may come from the same distribution.

/// The U of the first sample, and the two-sided p by the normal approximation with corrections for ties and continuity
/// (Mann and Whitney 1947; as `wilcox.test` of R has it). Small p: told apart.
pub fn mann_whitney(one: &[f64], other: &[f64]) -> (f64, f64) {
    let mut all: Vec<(f64, bool)> = one.iter().map(|value| (*value, true)).collect();
    all.extend(other.iter().map(|value| (*value, false)));
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut rank_sum, mut ties, mut before) = (0.0, 0.0, 0.0);
    for tied in all.chunk_by(|one, other| one.0 == other.0) {
        let count = tied.len() as f64;
        rank_sum += tied.iter().filter(|(_, is_one)| *is_one).count() as f64 * (before + (count + 1.0) / 2.0);
        ties += count.powi(3) - count;
        before += count;
    }
    let (size, other_size, total) = (one.len() as f64, other.len() as f64, before);
    let u = rank_sum - size * (size + 1.0) / 2.0;
    let variance = size * other_size / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    let distance = ((u - size * other_size / 2.0).abs() - 0.5).max(0.0);
    (u, if variance > 0.0 { beyond(distance / variance.sqrt()) } else { 1.0 })
}

/// The probability that a standard normal value is further from 0 than this: erfc(z / √2), by the rational approximation
/// of Abramowitz and Stegun 7.1.26, right to 1.5e-7.
fn beyond(z: f64) -> f64 {
    let x = z / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let factors = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    factors.iter().fold(0.0, |sum, factor| (sum + factor) * t) * (-x * x).exp()
}

#[test]
fn the_statistic_is_the_published_one() {
    let is_near = |(u, p): (f64, f64), expected: (f64, f64)| {
        assert!(u == expected.0 && (p - expected.1).abs() < 1e-6, "{u} {p} instead of {expected:?}");
    };
    // The example of scipy.stats.mannwhitneyu (method="asymptotic").
    let (males, females) = ([19.0, 22.0, 16.0, 29.0, 24.0], [20.0, 11.0, 17.0, 12.0]);
    is_near(mann_whitney(&males, &females), (17.0, 0.111_346_9));
    is_near(mann_whitney(&females, &males), (3.0, 0.111_346_9));
    // The example of R's wilcox.test with ties: ozone in New York in May and in August 1973 (airquality).
    let may = [41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37];
    let august =
        [39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85];
    is_near(mann_whitney(&may.map(f64::from), &august.map(f64::from)), (127.5, 0.000_120_8));
    assert_eq!(mann_whitney(&[1.0; 9], &[1.0; 9]), (40.5, 1.0));
}
