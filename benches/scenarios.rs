//! How long 1,000 scenarios take: each of the repository's, over and over. Run it with `cargo bench --bench scenarios`; it
//! prints the time beside that of compiling their procedures and playing each scenario once on one thread.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark may panic, prints, and reads the clock"
)]

use std::path::{Path, PathBuf};
use std::time::Instant;
use verloop::catalog::layout;
use verloop::scenario::Suite;

const SCENARIOS: usize = 1_000;

fn main() {
    // `cargo test --benches` and the like only want to know that it builds.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let folders = ["examples", "procedures", "tests/scenarios"].map(Path::new);
    let below = |folder| layout::scenarios_below(folder).expect("the folder is there");
    let all: Vec<PathBuf> = folders.into_iter().flat_map(below).collect();
    let many: Vec<PathBuf> = all.iter().cycle().take(SCENARIOS).cloned().collect();
    let time = |threads: usize, paths: &[PathBuf]| {
        let start = Instant::now();
        let suite = Suite::play_on(threads, paths, None);
        assert_eq!(suite.failed(), 0, "all go as expected");
        start.elapsed()
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{} scenarios, 1 thread         {:?}", all.len(), time(1, &all));
    println!("{SCENARIOS} scenarios, {threads} threads  {:?}", time(threads, &many));
}
