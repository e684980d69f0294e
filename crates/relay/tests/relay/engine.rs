//! A media engine that answers binding requests and echoes everything else.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use relay::gate::{Busy, Gate, Inlet, Link, Transport};
use relay::message::{Class, Message, Method, Writer, attribute};
use tokio::sync::mpsc;

#[derive(Default)]
pub(crate) struct Engine {
    pub(crate) opened: Mutex<Vec<(Transport, SocketAddr, SocketAddr)>>,
    ends: Mutex<Vec<mpsc::Sender<Bytes>>>,
    pub(crate) closed: std::sync::Arc<AtomicUsize>,
    pub(crate) busy: AtomicBool,
    pub(crate) silent: std::sync::Arc<AtomicBool>,
}

impl Engine {
    /// Sends a datagram to the client of this link.
    pub(crate) fn push(&self, link: usize, datagram: &'static [u8]) {
        let end = self.ends.lock().unwrap()[link].clone();
        end.try_send(Bytes::from_static(datagram)).unwrap();
    }

    /// Closes a link from this side.
    pub(crate) fn hang_up(&self, link: usize) {
        let gone = mpsc::channel(1).0;
        self.ends.lock().unwrap()[link] = gone;
    }

    pub(crate) fn links(&self) -> usize {
        self.opened.lock().unwrap().len()
    }

    pub(crate) fn closed(&self) -> usize {
        self.closed.load(Ordering::SeqCst)
    }
}

struct End {
    back: mpsc::WeakSender<Bytes>,
    remote: SocketAddr,
    closed: std::sync::Arc<AtomicUsize>,
    silent: std::sync::Arc<AtomicBool>,
}

impl Inlet for End {
    fn send(&self, datagram: Bytes) -> bool {
        if self.silent.load(Ordering::SeqCst) {
            return true;
        }
        let answer = match Message::parse(&datagram) {
            Ok(request) if request.class() == Class::Request => Writer::new(Class::Success, Method::Binding, request.transaction())
                .address(attribute::XOR_MAPPED_ADDRESS, self.remote)
                .finish()
                .into(),
            _ => datagram,
        };
        self.back.upgrade().is_some_and(|back| back.try_send(answer).is_ok())
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.closed.fetch_add(1, Ordering::SeqCst);
    }
}

impl Gate for Engine {
    fn open(&self, transport: Transport, remote: SocketAddr, local: SocketAddr) -> Result<Link, Busy> {
        if self.busy.load(Ordering::SeqCst) {
            return Err(Busy);
        }
        let (back, from_engine) = mpsc::channel(256);
        self.opened.lock().unwrap().push((transport, remote, local));
        let end = End {
            back: back.downgrade(),
            remote,
            closed: self.closed.clone(),
            silent: self.silent.clone(),
        };
        self.ends.lock().unwrap().push(back);
        Ok(Link {
            to_engine: Box::new(end),
            from_engine,
        })
    }
}
