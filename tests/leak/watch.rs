//! Looks again and again, while the program runs, at files that may be gone a moment later.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::canary::Search;
use crate::places::{self, Report};
use crate::program::{self, Program};

pub const TEMPORARY: &str = "temporary files";
pub const DATA: &str = "data folder";
pub const DOCUMENTS: &str = "folder of documents";

/// A thread that looks; it gives its report when it is told to stop.
pub struct Watch {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<(Report, usize)>,
}

impl Watch {
    /// `folder` is where the program keeps its data.
    pub fn start(program: &Program, folder: &Path, search: Arc<Search>) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, temporary, folder, id) =
            (Arc::clone(&is_over), program.temporary.clone(), folder.to_owned(), program.id());
        let thread = std::thread::spawn(move || {
            let (mut report, mut looks) = (Report::default(), 0);
            while !over.load(Ordering::Relaxed) {
                look(&mut report, &search, &temporary, &folder, Some(id));
                looks += 1;
                std::thread::sleep(Duration::from_millis(50));
            }
            (report, looks)
        });
        Self { is_over, thread }
    }

    /// What was found, and how often it was looked.
    pub fn stop(self) -> (Report, usize) {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// One look at everything in the folder for temporary files, at what a process holds open there or has deleted already, and
/// at what lies in the folder of data beside database, log and letters, which are places of their own as the documents are.
pub fn look(report: &mut Report, search: &Search, temporary: &Path, folder: &Path, process: Option<u32>) {
    for path in files_in(temporary) {
        places::file(report, search, TEMPORARY, &path);
    }
    let descriptors = process.map(|id| PathBuf::from(format!("/proc/{id}/fd")));
    for entry in descriptors.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten() {
        let target = std::fs::read_link(entry.path()).unwrap_or_default();
        if target.starts_with(temporary) || target.to_string_lossy().ends_with("(deleted)") {
            places::file(report, search, TEMPORARY, &entry.path());
        }
    }
    let is_known = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("fond.sqlite3")
            || name == "server.log"
            || name.ends_with(".eml")
            || path.starts_with(temporary)
    };
    let documents = folder.join(program::DOCUMENTS);
    for path in files_in(folder).into_iter().filter(|path| !is_known(path)) {
        match path.starts_with(&documents) {
            true => places::document(report, search, DOCUMENTS, &path),
            false => places::file(report, search, DATA, &path),
        }
    }
}

/// Every file below a folder; what is gone meanwhile is no matter.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() { files_in(&path) } else { vec![path] }
        })
        .collect()
}
