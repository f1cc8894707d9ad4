//! The `fond` binary: arguments → command, nothing else.

fn main() -> std::process::ExitCode {
    fond::cli::run()
}
