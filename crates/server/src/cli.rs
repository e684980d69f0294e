//! The command line: what the commands take. What they do is in the modules they name.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand};

use crate::{media_plane::MOST_THREADS, outbound::Allowed};

/// A self-hosted meeting server for members and their guests.
#[derive(Debug, Parser)]
#[command(name = "anteroom", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Development mode: makes a tenant, three members, an application, keys and certificates at the first start.
    Dev(Box<DevArgs>),
    /// Looks at a running server, at this machine and at a data directory, and says what is wrong and what to do.
    Doctor(DoctorArgs),
    /// Synthetic participants.
    #[command(subcommand)]
    Bot(BotCommand),
}

#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// Directory of the store, the keys and the certificates; created when missing.
    #[arg(long, default_value = "./.anteroom")]
    pub(crate) data: PathBuf,
    /// Loopback HTTP: what people open, since no browser warns there. Port 0 picks a free port.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub(crate) http: SocketAddr,
    /// HTTPS with the local authority's certificate: what official clients use. Port 0 picks a free port.
    #[arg(long, default_value = "127.0.0.1:8443")]
    pub(crate) https: SocketAddr,
    #[command(flatten)]
    pub(crate) media: MediaArgs,
    /// Written, whole, once everything is served; holds secrets, only its owner can read it.
    #[arg(long)]
    pub(crate) ready_file: Option<PathBuf>,
    /// May be called although it is not public, and over plain http and on any port: a host name, an address, or a network such as 10.0.0.0/8.
    /// Concerns notification targets and upstream sign-in providers. Repeatable.
    #[arg(long, value_name = "HOST_OR_CIDR")]
    pub(crate) allow_outbound: Vec<Allowed>,
    /// Certificates (PEM) of authorities to trust, besides those of the operating system, when calling others.
    #[arg(long, value_name = "FILE")]
    pub(crate) outbound_ca: Option<PathBuf>,
    /// A relay (TURN) that the operator runs, as clients are told of it: stun:HOST[:PORT], turn:HOST[:PORT][?transport=udp|tcp], turns:HOST[:PORT].
    /// Repeatable.
    #[arg(long, value_name = "URL")]
    pub(crate) relay_url: Vec<String>,
    /// The secret that the relays share with this server (coturn: static-auth-secret). Better in the environment, where no process list shows it.
    #[arg(long, value_name = "SECRET", env = "ANTEROOM_RELAY_SECRET", hide_env_values = true)]
    pub(crate) relay_secret: Option<String>,
    /// How many requests of a kind the communication API takes in 30 seconds, for example tokens.issue=2000. Repeatable.
    #[arg(long, value_name = "NAME=REQUESTS")]
    pub(crate) rate_limit: Vec<String>,
    #[command(flatten)]
    pub(crate) turn: TurnArgs,
    #[command(flatten)]
    pub(crate) captions: CaptionArgs,
    /// Serve development mode, with its known secrets, on addresses that others can reach.
    #[arg(long)]
    pub(crate) force: bool,
}

/// The media engine.
#[derive(Debug, Args)]
pub(crate) struct MediaArgs {
    /// Address of the media engine, for UDP and (ICE over) TCP. Port 0 picks a free port.
    #[arg(long = "media", value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) bind: SocketAddr,
    /// Address that clients are told to send media to, with the port of --media, instead of that address itself: for a node behind address translation. Repeatable.
    #[arg(long = "media-advertise", value_name = "IP")]
    pub(crate) advertise: Vec<IpAddr>,
    /// Threads that forward media; as many as there are processors unless given.
    #[arg(long = "media-threads", value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..=i64::from(MOST_THREADS)))]
    pub(crate) threads: Option<u8>,
}

/// The embedded relay, which relays to this node's media engine only.
#[derive(Debug, Args)]
pub(crate) struct TurnArgs {
    /// Address of the embedded relay (TURN), for UDP and TCP: the way to media for networks that let nothing else through. Port 0 picks a free port.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(crate) turn: SocketAddr,
    /// The same over TLS.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub(crate) turn_tls: SocketAddr,
    /// No embedded relay.
    #[arg(long)]
    pub(crate) no_turn: bool,
}

/// Who recognises speech; docs/operations/captions.md.
#[derive(Debug, Args)]
pub(crate) struct CaptionArgs {
    /// `auto` (the packaged engine when it is installed), `off`, `pocketsphinx`, or the command line of another engine, without a shell.
    #[arg(long, value_name = "ENGINE", default_value = "auto")]
    pub(crate) captions: String,
    /// A language that another engine understands, the default first. Repeatable.
    #[arg(long, value_name = "LANGUAGE", default_value = "en-us")]
    pub(crate) captions_language: Vec<String>,
    /// A language into which another engine translates. Repeatable.
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) captions_translation: Vec<String>,
    /// Engines that run at once; who speaks beyond them is not captioned.
    #[arg(long, value_name = "NUMBER", default_value = "4")]
    pub(crate) captions_engines: usize,
}

/// What the doctor looks at; docs/operations/doctor.md. Without arguments: this machine only.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The server, as clients reach it: `https://HOST[:PORT]`.
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Certificates (PEM) of authorities to trust besides those of the system.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// The resource's connection string (`endpoint=…;accesskey=…`), for a real join. Better in the environment, where no process list shows it.
    #[arg(long, value_name = "TEXT", env = "ANTEROOM_CONNECTION_STRING", hide_env_values = true)]
    pub(crate) connection_string: Option<String>,
    /// Ready file of a server in development mode: says all of the above.
    #[arg(long, value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,
    /// Data directory of the server, when it is on this machine. It is only read.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Issuer of an upstream sign-in provider. Repeatable.
    #[arg(long, value_name = "URL")]
    pub(crate) provider: Vec<String>,
    /// Answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BotCommand {
    /// Joins a meeting as a visitor that sends synthetic sound and video.
    Join(BotJoinArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BotJoinArgs {
    /// Join link of the meeting; the server is the link's own.
    #[arg(long)]
    pub(crate) link: String,
    /// Name to show.
    #[arg(long)]
    pub(crate) name: String,
    /// Leave after this many seconds; without it the bot stays until the meeting ends or Ctrl-C.
    #[arg(long)]
    pub(crate) seconds: Option<u64>,
    /// Certificate (PEM) of an authority to trust besides none, for an `https` link of a local server.
    #[arg(long)]
    pub(crate) ca: Option<PathBuf>,
    /// Send no video.
    #[arg(long)]
    pub(crate) no_video: bool,
    /// Send no sound.
    #[arg(long)]
    pub(crate) no_audio: bool,
}
