//! Many runs in one system call (`sendmmsg`), each run cut into datagrams by the kernel (UDP GSO).
//!
//! Messages of one call share their control data, so runs are sent in groups: of one size of datagram and from one local address.
//! Not here: how runs are made (`egress`), sending one (`socket`).

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::RawFd;

use nix::errno::Errno;
use nix::libc::{in_addr, in_pktinfo, in6_addr, in6_pktinfo};
use nix::sys::socket::{ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, sendmmsg};

/// Runs in one call.
pub(crate) const MOST: usize = 64;

/// What the messages of a call have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group {
    /// Bytes of each datagram of a run; nothing when every run is one datagram.
    pub(crate) segment: Option<u16>,
    /// The address that the datagrams leave from.
    pub(crate) local: Option<IpAddr>,
}

/// Which control data a call has, by its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sort {
    segmented: bool,
    /// From an address of IPv6, or of IPv4.
    from: Option<bool>,
}

type Headers = MultiHeaders<SockaddrStorage>;

thread_local! {
    /// Room for the headers of a call, made once for each sort.
    static ROOM: RefCell<Vec<(Sort, Headers)>> = const { RefCell::new(Vec::new()) };
}

fn headers(sort: Sort) -> Headers {
    let control = match (sort.segmented, sort.from) {
        (false, None) => None,
        (true, None) => Some(nix::cmsg_space!(u16)),
        (false, Some(false)) => Some(nix::cmsg_space!(in_pktinfo)),
        (true, Some(false)) => Some(nix::cmsg_space!(u16, in_pktinfo)),
        (false, Some(true)) => Some(nix::cmsg_space!(in6_pktinfo)),
        (true, Some(true)) => Some(nix::cmsg_space!(u16, in6_pktinfo)),
    };
    Headers::preallocate(MOST, control)
}

/// Sends runs of a group, at most [`MOST`] of them. Gives how many were taken, at least one.
///
/// # Errors
/// What the system says of the first one, when that was not taken.
pub(crate) fn send<'a>(socket: RawFd, v6: bool, group: Group, runs: impl Iterator<Item = (SocketAddr, &'a [u8])>) -> io::Result<usize> {
    let (addresses, slices): (Vec<Option<SockaddrStorage>>, Vec<[IoSlice<'_>; 1]>) = runs
        .take(MOST)
        .map(|(to, contents)| (Some(SockaddrStorage::from(to)), [IoSlice::new(contents)]))
        .unzip();
    let sort = Sort {
        segmented: group.segment.is_some(),
        from: group.local.map(|_| v6),
    };
    let (v4_from, v6_from) = match (group.local, v6) {
        (Some(local), true) => (None, Some(from_v6(local))),
        (Some(IpAddr::V4(local)), false) => (Some(from_v4(local.octets())), None),
        _ => (None, None),
    };
    let mut control = Vec::with_capacity(2);
    control.extend(group.segment.as_ref().map(ControlMessage::UdpGsoSegments));
    control.extend(v4_from.as_ref().map(ControlMessage::Ipv4PacketInfo));
    control.extend(v6_from.as_ref().map(ControlMessage::Ipv6PacketInfo));
    ROOM.with_borrow_mut(|room| {
        let at = match room.iter().position(|(other, _)| *other == sort) {
            Some(at) => at,
            None => {
                room.push((sort, headers(sort)));
                room.len() - 1
            }
        };
        let (_, headers) = room.get_mut(at).ok_or(Errno::ENOMEM)?;
        let sent = sendmmsg(socket, headers, &slices, addresses, control, MsgFlags::MSG_DONTWAIT)?;
        Ok(sent.count())
    })
}

fn from_v4(octets: [u8; 4]) -> in_pktinfo {
    in_pktinfo {
        ipi_ifindex: 0,
        ipi_spec_dst: in_addr {
            s_addr: u32::from_ne_bytes(octets),
        },
        ipi_addr: in_addr { s_addr: 0 },
    }
}

fn from_v6(local: IpAddr) -> in6_pktinfo {
    let local = match local {
        IpAddr::V4(local) => local.to_ipv6_mapped(),
        IpAddr::V6(local) => local,
    };
    in6_pktinfo {
        ipi6_addr: in6_addr { s6_addr: local.octets() },
        ipi6_ifindex: 0,
    }
}
