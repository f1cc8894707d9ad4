//! The `fond` binary: arguments → command, nothing else.

/// A round is hundreds of thousands of small statements; this allocator takes a tenth off it, and gives memory back.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    fond::cli::run()
}
