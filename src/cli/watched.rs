//! Long work that is watched: a bar on stderr, and a clean end where somebody interrupts it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::backup::{Progress, Step};
use crate::error::{Error, Result};

/// The progress of one step at a time; nothing where stderr is no terminal.
pub(super) struct Watched {
    bar: Option<(Step, ProgressBar)>,
    is_interrupted: Arc<AtomicBool>,
}

impl Watched {
    /// From here on Ctrl-C and SIGTERM end the work as an error does, so that what is unfinished is removed; the second time
    /// they end it at once.
    pub(super) fn start() -> Result<Self> {
        let is_interrupted = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_interrupted);
        let failed = |reason| Error::File { path: "signals".into(), reason };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let wait = move || {
            if runtime.block_on(signal()).is_ok() {
                told.store(true, Ordering::SeqCst);
                if runtime.block_on(signal()).is_ok() {
                    std::process::exit(1);
                }
            }
        };
        std::thread::Builder::new().name("fond-signals".into()).spawn(wait).map_err(failed)?;
        Ok(Self { bar: None, is_interrupted })
    }

    /// # Errors
    /// [`Error::File`] where somebody interrupted it.
    pub(super) fn show(&mut self, progress: Progress) -> Result<()> {
        if self.is_interrupted.load(Ordering::SeqCst) {
            self.end();
            return Err(Error::File {
                path: progress.step.as_str().into(),
                reason: std::io::Error::other("interrupted"),
            });
        }
        if self.bar.as_ref().is_none_or(|(step, _)| *step != progress.step) {
            self.end();
            self.bar = Some((progress.step, bar(progress)));
        }
        if let Some((_, bar)) = &self.bar {
            bar.set_position(progress.done);
        }
        Ok(())
    }

    pub(super) fn end(&mut self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.end();
    }
}

fn bar(progress: Progress) -> ProgressBar {
    let (bar, template) = match progress.total {
        Some(total) => (ProgressBar::new(total), "{msg:<16} {wide_bar} {bytes}/{total_bytes}"),
        None if progress.done == 0 => (ProgressBar::new_spinner(), "{msg:<16} {spinner}"),
        None => (ProgressBar::new_spinner(), "{msg:<16} {spinner} {bytes}"),
    };
    bar.enable_steady_tick(Duration::from_millis(200));
    let bar = bar.with_message(progress.step.as_str());
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
