//! A Slurm of one node: its packages, its daemons, and what it says of its jobs.

use super::{
    Outcome,
    processes::{is_running, path, shell, text, until},
};
use crate::say;
use std::{fs, io, path::Path, process::Command, time::Duration};

pub(super) fn install() -> Outcome<()> {
    say("== packages");
    // Nothing that is installed is started by that.
    fs::write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n").map_err(text)?;
    shell("chmod", &["+x", "/usr/sbin/policy-rc.d"])?;
    let packages = ["slurmctld", "slurmd", "slurm-client", "munge"];
    let mut command = Command::new("apt-get");
    command
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    let output = command.output().map_err(text)?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!(
        "apt-get could not install {}:\n{errors}",
        packages.join(", ")
    ))
}

/// Network, keys, configuration and the daemons; the name of the node.
pub(super) fn start(layer: &Path) -> Outcome<String> {
    shell("ip", &["link", "set", "lo", "up"])?;
    // A network that has `lo` alone has no address that daemons accept.
    let dummy = shell("ip", &["link", "add", "d0", "type", "dummy"]);
    if dummy.is_err() {
        shell(
            "ip",
            &["link", "add", "d0", "type", "veth", "peer", "name", "d1"],
        )?;
        shell("ip", &["link", "set", "d1", "up"])?;
    }
    shell("ip", &["addr", "add", "10.9.9.1/24", "dev", "d0"])?;
    shell("ip", &["link", "set", "d0", "up"])?;
    let host = fs::read_to_string("/proc/sys/kernel/hostname")
        .map_err(text)?
        .trim()
        .to_owned();
    let hosts = fs::read_to_string("/etc/hosts").unwrap_or_default();
    fs::write("/etc/hosts", format!("{hosts}\n127.0.0.1 {host}\n")).map_err(text)?;

    let mut key = vec![0; 1024];
    io::Read::read_exact(&mut fs::File::open("/dev/urandom").map_err(text)?, &mut key)
        .map_err(text)?;
    fs::write("/etc/munge/munge.key", key).map_err(text)?;
    for folder in ["/run/munge", "/var/log/munge", "/var/lib/munge"] {
        fs::create_dir_all(folder).map_err(text)?;
        shell("chmod", &["755", folder])?;
        shell("chown", &["munge:munge", folder])?;
    }
    shell("chown", &["munge:munge", "/etc/munge/munge.key"])?;
    shell("chmod", &["400", "/etc/munge/munge.key"])?;
    shell("su", &["-s", "/bin/sh", "munge", "-c", "/usr/sbin/munged"])?;

    for folder in [
        "/var/spool/slurmctld",
        "/var/spool/slurmd",
        "/var/log/slurm",
        "/etc/slurm",
    ] {
        fs::create_dir_all(folder).map_err(text)?;
    }
    let done = layer.join("done.txt");
    fs::write(&done, "").map_err(text)?;
    let configuration = CONFIGURATION
        .replace("@HOST@", &host)
        .replace("@DONE@", &path(&done));
    fs::write("/etc/slurm/slurm.conf", configuration).map_err(text)?;
    shell("slurmctld", &[])?;
    start_node(&host)?;
    Ok(host)
}

pub(super) fn start_node(host: &str) -> Outcome<()> {
    until("the node to be ready", Duration::from_secs(90), || {
        // It may have to be started more than once: the controller must listen first.
        if !is_running("slurmd") {
            let _ = shell("slurmd", &["-N", host]);
        }
        let state = shell("sinfo", &["--noheader", "--format=%t"]).unwrap_or_default();
        let state = state.trim();
        (["idle", "mix", "alloc"].contains(&state)).then_some(())
    })
}

const CONFIGURATION: &str = "\
ClusterName=one
SlurmctldHost=@HOST@(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
KillWait=5
SlurmdTimeout=10
MinJobAge=600
SchedulerParameters=sched_interval=5,bf_interval=5
StateSaveLocation=/var/spool/slurmctld
SlurmdSpoolDir=/var/spool/slurmd
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmctldLogFile=/var/log/slurm/ctld.log
SlurmdLogFile=/var/log/slurm/d.log
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/filetxt
JobCompLoc=@DONE@
NodeName=@HOST@ NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 State=UNKNOWN
PartitionName=short Nodes=@HOST@ Default=YES MaxTime=INFINITE State=UP
";

/// How jobs ended, each turn of a task on a line of its own, as Slurm's record of completed jobs has it.
pub(super) fn table(layer: &Path) -> Outcome<String> {
    let format = "--format=JobID,JobName,State,Start,End,ExitCode";
    let file = path(&layer.join("done.txt"));
    shell("sacct", &["--completion", "--file", &file, format])
        .or_else(|_| shell("sacct", &["--completion", "--file", &file]))
        .or_else(|_| fs::read_to_string(&file).map_err(text))
}
