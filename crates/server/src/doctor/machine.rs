//! The machine that the doctor runs on: what its kernel gives the media socket, and how many files a process may have open.

use std::net::{Ipv4Addr, SocketAddr};

use media::SocketFacts;

use super::report::Finding;

/// Files that a node should be able to have open: a TCP or relay connection each, sockets of signalling, the store.
const WANTED_FILES: u64 = 8_192;

/// All checks of the machine.
pub(super) fn check() -> Vec<Finding> {
    let mut findings = Vec::new();
    match SocketFacts::of(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))) {
        Ok(facts) => findings.extend(socket(facts)),
        Err(error) => findings.push(Finding::fail(
            "udp-socket",
            error.to_string(),
            "allow this user to open UDP sockets",
        )),
    }
    findings.push(files(rustix::process::getrlimit(rustix::process::Resource::Nofile).current));
    findings
}

fn socket(facts: SocketFacts) -> Vec<Finding> {
    let SocketFacts {
        longest_run,
        longest_batch,
        wanted_buffer,
        receive_buffer,
        send_buffer,
        shares_port,
    } = facts;
    let offload = format!("{longest_run} datagrams a send, {longest_batch} a receive");
    let offload = if longest_run > 1 && longest_batch > 1 {
        Finding::ok("udp-offload", offload)
    } else {
        Finding::warn(
            "udp-offload",
            offload,
            "without GSO and GRO media takes several times the processor time; use Linux 5.0 or newer, outside of sandboxes that hide them",
        )
    };
    // Linux doubles what is asked for, for its own bookkeeping, and says the double.
    let least = receive_buffer.min(send_buffer) / if cfg!(target_os = "linux") { 2 } else { 1 };
    let buffers = format!(
        "{} KiB granted of {} KiB that media asks for",
        least.min(wanted_buffer) / 1024,
        wanted_buffer / 1024
    );
    let buffers = if least >= wanted_buffer {
        Finding::ok("udp-buffers", buffers)
    } else {
        Finding::warn(
            "udp-buffers",
            buffers,
            format!("bursts to large meetings are dropped; sysctl -w net.core.rmem_max={wanted_buffer} net.core.wmem_max={wanted_buffer}"),
        )
    };
    let shared = if shares_port {
        Finding::ok("udp-port-shared", "several threads can share the media port")
    } else {
        Finding::fail(
            "udp-port-shared",
            "SO_REUSEPORT is refused",
            "media would run on one thread only; use a kernel that has it",
        )
    };
    vec![offload, buffers, shared]
}

fn files(most: Option<u64>) -> Finding {
    match most {
        None => Finding::ok("open-files", "without a limit"),
        Some(most) if most >= WANTED_FILES => Finding::ok("open-files", format!("{most} at most")),
        Some(most) => Finding::warn(
            "open-files",
            format!("{most} at most"),
            format!("each connection is one; raise the limit to {WANTED_FILES} or more (ulimit -n, LimitNOFILE=)"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::report::Status;

    const GOOD: SocketFacts = SocketFacts {
        longest_run: 64,
        longest_batch: 64,
        wanted_buffer: 4 << 20,
        receive_buffer: 8 << 20,
        send_buffer: 8 << 20,
        shares_port: true,
    };

    fn statuses(facts: SocketFacts) -> Vec<Status> {
        socket(facts).iter().map(|finding| finding.status).collect()
    }

    #[test]
    fn a_good_machine_is_good() {
        assert_eq!(statuses(GOOD), [Status::Ok; 3]);
    }

    #[test]
    fn what_a_kernel_lacks_is_said_where_it_lacks_it() {
        let no_offload = SocketFacts { longest_run: 1, ..GOOD };
        assert_eq!(statuses(no_offload), [Status::Warn, Status::Ok, Status::Ok]);
        let small = SocketFacts {
            send_buffer: 425_984,
            ..GOOD
        };
        assert_eq!(statuses(small), [Status::Ok, Status::Warn, Status::Ok]);
        assert!(socket(small)[1].advice.contains("net.core.wmem_max=4194304"));
        let alone = SocketFacts {
            shares_port: false,
            ..GOOD
        };
        assert_eq!(statuses(alone), [Status::Ok, Status::Ok, Status::Fail]);
    }

    #[test]
    fn few_files_are_said_to_be_few() {
        let status = |most| files(most).status;
        assert_eq!(
            [status(None), status(Some(65_536)), status(Some(1_024))],
            [Status::Ok, Status::Ok, Status::Warn]
        );
    }
}
