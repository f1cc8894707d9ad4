//! What the machine does meanwhile: processor time of others, memory of the server (Linux).

use std::collections::HashMap;

use diesel::RunQueryDsl;
use fond::db::{Engine, connect_raw};

/// Who belongs to the measurement beside this process.
pub struct Share {
    pub processes: Vec<u32>,
    /// PostgreSQL, with the name that our connections give themselves: the processes that serve them are ours too.
    pub backends: Option<(String, String)>,
}

/// Processor time of every process until now, in ticks of the system.
pub struct Usage {
    began: std::time::Instant,
    own: Vec<u32>,
    ticks: HashMap<u32, i64>,
}

/// USER_HZ: the same on every Linux that runs this.
const TICKS_A_SECOND: f64 = 100.0;

#[derive(diesel::QueryableByName)]
struct Backend {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pid: i32,
}

impl Share {
    fn all(&self) -> Vec<u32> {
        let mut processes = self.processes.clone();
        processes.push(std::process::id());
        if let Some((server, name)) = &self.backends {
            let mut conn = connect_raw(&Engine::parse(server).unwrap()).unwrap();
            // What PostgreSQL does by itself (the log, checkpoints) it does for us as well.
            let sql = format!(
                "SELECT pid FROM pg_stat_activity WHERE application_name = '{name}' OR backend_type <> 'client backend'"
            );
            let backends: Vec<Backend> = diesel::sql_query(sql).load(&mut conn).unwrap();
            processes.extend(backends.iter().map(|backend| backend.pid.unsigned_abs()));
        }
        processes
    }
}

impl Usage {
    pub fn now(share: &Share) -> Self {
        Self { own: share.all(), ticks: ticks(), began: std::time::Instant::now() }
    }

    /// How many processors everybody else used on the average. Not from /proc/stat: it looks at each tick who runs, and
    /// misses those who run for microseconds, as all of ours do.
    pub fn foreign_since(&self, share: &Share) -> f64 {
        let (own, seconds) = (share.all(), self.began.elapsed().as_secs_f64());
        let is_foreign = |process: &u32| !self.own.contains(process) && !own.contains(process);
        let sum = |ticks: &HashMap<u32, i64>| -> i64 {
            ticks.iter().filter(|(process, _)| is_foreign(process)).map(|(_, ticks)| ticks).sum()
        };
        (sum(&ticks()) - sum(&self.ticks)).max(0) as f64 / TICKS_A_SECOND / seconds
    }
}

impl Usage {
    /// Seconds of processor that the server and its database used since, without this process.
    pub fn own_since(&self, share: &Share) -> f64 {
        let (own, now) = (share.all(), ticks());
        let used = |process: &u32| now.get(process).unwrap_or(&0) - self.ticks.get(process).unwrap_or(&0);
        own.iter().filter(|process| **process != std::process::id()).map(used).sum::<i64>() as f64 / TICKS_A_SECOND
    }
}

/// Ticks of every process, with those of its children that have ended (proc(5): utime, stime, cutime and cstime behind
/// the name in brackets). What a child used moves to its parent, so that the sum only grows.
fn ticks() -> HashMap<u32, i64> {
    let names = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let of = |process: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        let fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(4);
        Some((process, fields.map(|ticks| ticks.parse::<i64>().unwrap()).sum()))
    };
    names.filter_map(|name| name.parse().ok()).filter_map(of).collect()
}

/// What a process holds in memory now.
pub fn resident_mib(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<f64>().unwrap() / 1024.0
}
