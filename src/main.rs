//! The binary: one call into the command line.

fn main() -> std::process::ExitCode {
    verloop::cli::main()
}
