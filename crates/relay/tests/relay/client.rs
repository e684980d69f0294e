//! A TURN client, over datagrams or a stream.

use std::net::SocketAddr;

use relay::credentials::Credential;
use relay::frame::{Cut, Framing, Packet, write_channel};
use relay::message::{Class, Key, Message, Method, Transaction, Writer, attribute, xor_address};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::UdpSocket;

use crate::within;

/// How messages travel.
pub(crate) trait Way {
    async fn send(&mut self, message: &[u8]);
    /// Nothing when the connection is over.
    async fn receive(&mut self) -> Option<Vec<u8>>;
    const PADDED: bool;
}

pub(crate) struct Datagrams(pub(crate) UdpSocket);

impl Datagrams {
    pub(crate) async fn to(relay: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.connect(relay).await.unwrap();
        Self(socket)
    }
}

impl Way for Datagrams {
    async fn send(&mut self, message: &[u8]) {
        self.0.send(message).await.unwrap();
    }

    async fn receive(&mut self) -> Option<Vec<u8>> {
        let mut buffer = vec![0; 4096];
        let bytes = self.0.recv(&mut buffer).await.ok()?;
        buffer.truncate(bytes);
        Some(buffer)
    }

    const PADDED: bool = false;
}

pub(crate) struct Stream<S>(pub(crate) S, Vec<u8>);

impl<S> Stream<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self(stream, Vec::new())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Way for Stream<S> {
    async fn send(&mut self, message: &[u8]) {
        self.0.write_all(message).await.unwrap();
        self.0.flush().await.unwrap();
    }

    async fn receive(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Cut::Unit { whole, .. } = Framing::Turn.cut(&self.1) {
                return Some(self.1.drain(..whole).collect());
            }
            if self.0.read_buf(&mut self.1).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    const PADDED: bool = true;
}

pub(crate) struct Client<W> {
    pub(crate) way: W,
    pub(crate) credential: Credential,
    nonce: Vec<u8>,
    transactions: u8,
}

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<u16>,
    pub(crate) relayed: Option<SocketAddr>,
    pub(crate) mapped: Option<SocketAddr>,
    pub(crate) lifetime_s: Option<u32>,
}

impl<W: Way> Client<W> {
    pub(crate) fn new(way: W, credential: Credential) -> Self {
        Self {
            way,
            credential,
            nonce: Vec::new(),
            transactions: 0,
        }
    }

    fn transaction(&mut self) -> Transaction {
        self.transactions += 1;
        [self.transactions; 12]
    }

    /// Asks, and again with the nonce when told to. Nothing when the connection is over.
    pub(crate) async fn ask(&mut self, method: Method, attributes: impl Fn(Writer) -> Writer) -> Option<Said> {
        loop {
            let transaction = self.transaction();
            let key = Key::long_term(self.credential.username.as_bytes(), "anteroom", &self.credential.password);
            let request = attributes(Writer::new(Class::Request, method, transaction))
                .attribute(attribute::USERNAME, self.credential.username.as_bytes())
                .attribute(attribute::REALM, b"anteroom")
                .attribute(attribute::NONCE, &self.nonce)
                .sign(&key)
                .fingerprint()
                .finish();
            self.way.send(&request).await;
            let answer = loop {
                let answer = within(self.way.receive()).await?;
                if Message::parse(&answer).is_ok_and(|answer| answer.transaction() == transaction) {
                    break answer;
                }
            };
            let answer = Message::parse(&answer).unwrap();
            if let Some(nonce) = answer.get(attribute::NONCE) {
                self.nonce = nonce.to_vec();
            }
            if answer.error_code() == Some(438) {
                continue;
            }
            if answer.error_code().is_none() {
                assert!(answer.is_signed_with(&key), "the relay proves itself too");
            }
            let address = |kind| xor_address(answer.get(kind)?, &transaction);
            return Some(Said {
                code: answer.error_code(),
                relayed: address(attribute::XOR_RELAYED_ADDRESS),
                mapped: address(attribute::XOR_MAPPED_ADDRESS),
                lifetime_s: answer.get_exact(attribute::LIFETIME).map(u32::from_be_bytes),
            });
        }
    }

    pub(crate) async fn allocate(&mut self) -> Option<Said> {
        self.ask(Method::Allocate, |writer| {
            writer.attribute(attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
        })
        .await
    }

    pub(crate) async fn permit(&mut self, peer: SocketAddr) -> Option<u16> {
        let said = self.ask(Method::CreatePermission, |writer| writer.address(attribute::XOR_PEER_ADDRESS, peer));
        said.await.unwrap().code
    }

    pub(crate) async fn bind(&mut self, number: u16, peer: SocketAddr) -> Option<u16> {
        let said = self.ask(Method::ChannelBind, |writer| {
            writer
                .number(attribute::CHANNEL_NUMBER, u32::from(number) << 16)
                .address(attribute::XOR_PEER_ADDRESS, peer)
        });
        said.await.unwrap().code
    }

    pub(crate) async fn refresh(&mut self, lifetime_s: u32) -> Option<Said> {
        self.ask(Method::Refresh, |writer| writer.number(attribute::LIFETIME, lifetime_s))
            .await
    }

    /// A Send indication.
    pub(crate) async fn send_to(&mut self, peer: SocketAddr, data: &[u8]) {
        let transaction = self.transaction();
        let indication = Writer::new(Class::Indication, Method::Send, transaction)
            .address(attribute::XOR_PEER_ADDRESS, peer)
            .attribute(attribute::DATA, data)
            .finish();
        self.way.send(&indication).await;
    }

    pub(crate) async fn send_channel(&mut self, number: u16, data: &[u8]) {
        let mut packet = Vec::new();
        write_channel(&mut packet, number, data, W::PADDED);
        self.way.send(&packet).await;
    }

    /// The next data, and the channel that it came in.
    pub(crate) async fn data(&mut self) -> Option<(Option<u16>, Vec<u8>)> {
        let packet = within(self.way.receive()).await?;
        match Packet::of(&packet).unwrap() {
            Packet::Channel { number, data } => Some((Some(number), data.to_vec())),
            Packet::Stun(bytes) => {
                let message = Message::parse(bytes).unwrap();
                assert_eq!(message.method(), Some(Method::Data));
                Some((None, message.get(attribute::DATA).unwrap().to_vec()))
            }
        }
    }
}

/// What ICE sends first.
pub(crate) fn binding_request() -> Vec<u8> {
    Writer::new(Class::Request, Method::Binding, [0xB1; 12])
        .attribute(attribute::USERNAME, b"them:us")
        .fingerprint()
        .finish()
}
