//! The `fond` binary: arguments → command, nothing else.

/// A round is hundreds of thousands of small statements; this allocator takes a tenth off it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    fond::cli::run()
}
