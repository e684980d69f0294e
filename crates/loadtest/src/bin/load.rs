//! Puts a shape of load on a server and prints what was measured, one line of JSON.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that talks to the person who ran it"
)]

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use loadtest::link::Path;
use loadtest::process::{Process, raise_file_limit};
use loadtest::run::{Impaired, Outcome, Plan, Sufferers, run};
use loadtest::server::{self, Dialect, Greeting};
use loadtest::{Driver, Mode, Shape};

#[derive(Parser)]
#[command(name = "load", about = "Puts a load on a media server and measures it")]
struct Arguments {
    /// pairs:ROOMS, calls:ROOMS, ten, tens:ROOMS, fifty:RECEIVERS, hall:RECEIVERS, grid:RECEIVERS, layers:RECEIVERS, webinar:RECEIVERS, audio:RECEIVERS,
    /// storm:RECEIVERS
    #[arg(value_parser = |text: &str| Shape::parse(text).ok_or("no such shape"))]
    shape: Shape,
    /// The line that the host printed, or instead of it --listen, --process and --dialect.
    #[arg(long)]
    host: Option<String>,
    /// Where the host listens.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// The process that forwards media.
    #[arg(long)]
    process: Option<u32>,
    /// What the host speaks.
    #[arg(long, value_enum, default_value = "slots")]
    dialect: Spoken,
    /// Address of the participants.
    #[arg(long, default_value = "127.0.0.1")]
    own: IpAddr,
    /// Seconds that are counted.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Seconds of media before that.
    #[arg(long, default_value_t = 3)]
    warm_up: u64,
    /// Joins that are under way at the same time.
    #[arg(long, default_value_t = 8)]
    in_flight: usize,
    /// Receivers that do everything a browser does.
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    path: Bad,
}

/// What the paths of those who only receive do, both ways; a rate holds for media only.
#[derive(clap::Args)]
struct Bad {
    /// Percent of the datagrams that are lost.
    #[arg(long, default_value_t = 0.0)]
    loss: f64,
    /// Milliseconds that datagrams are under way.
    #[arg(long, default_value_t = 0)]
    delay: u64,
    /// Percent of the datagrams that come 20 ms later than those after them.
    #[arg(long, default_value_t = 0.0)]
    reordered: f64,
    /// Kilobits a second, with a queue of 300 ms.
    #[arg(long)]
    rate: Option<u64>,
    /// It is the paths of those who send that do so.
    #[arg(long)]
    publishers: bool,
}

impl Bad {
    fn paths(&self) -> Option<Impaired> {
        let back = Path {
            loss: self.loss / 100.0,
            delay: Duration::from_millis(self.delay),
            reordered: self.reordered / 100.0,
            reordered_by: Duration::from_millis(20),
            ..Path::default()
        };
        let media = Path {
            rate: self.rate.map(|rate| rate * 1_000),
            queue: Duration::from_millis(300),
            ..back
        };
        let whose = if self.publishers {
            Sufferers::Publishers
        } else {
            Sufferers::Listeners
        };
        let is_bad = media.rate.is_some()
            || back
                != Path {
                    reordered_by: back.reordered_by,
                    ..Path::default()
                };
        is_bad.then_some(Impaired { whose, media, back })
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Spoken {
    Slots,
    Feeds,
    Parameters,
}

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Ok(outcome) => {
            println!("{}", serde_json::to_string(&outcome).unwrap_or_default());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<Outcome, Box<dyn std::error::Error>> {
    let (listen, process, dialect) = match (&arguments.host, arguments.listen, arguments.process) {
        (Some(line), ..) => {
            let greeting: Greeting = serde_json::from_str(line)?;
            (greeting.listen, greeting.process, greeting.dialect)
        }
        (None, Some(listen), Some(process)) => {
            let dialect = match arguments.dialect {
                Spoken::Slots => Dialect::Slots,
                Spoken::Feeds => Dialect::Feeds,
                Spoken::Parameters => Dialect::Parameters,
            };
            (listen, process, dialect)
        }
        _ => return Err("say --host, or --listen and --process".into()),
    };
    raise_file_limit();
    let plan = Plan {
        shape: arguments.shape,
        server: Process(process),
        warm_up: Duration::from_secs(arguments.warm_up),
        window: Duration::from_secs(arguments.seconds),
        in_flight: arguments.in_flight,
        impaired: arguments.path.paths(),
    };
    let mode = if arguments.full { Mode::Full } else { Mode::Light };
    let mut target = server::connect(listen, dialect, arguments.own, mode)?;
    let mut driver = Driver::new()?;
    Ok(run(plan, target.as_mut(), &mut driver)?)
}
