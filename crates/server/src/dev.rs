//! `anteroom dev`: opens or makes everything in the data directory, serves, and stops cleanly.
//!
//! Nothing is asked and nothing outside the data directory is touched. Refused on addresses that others can reach, because
//! the ready file and the members' passwords are meant for this machine only.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use app::{App, DevAccounts};
use axum::Router;
use signal::Hub;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use crate::{
    api, captions,
    captures::Captures,
    cli::DevArgs,
    listen::{self, Door, Limits},
    media_plane::{EnginePlane, MediaSettings},
    operator_relay,
    origin::RequestScheme,
    origins::Origins,
    outbound::WayOut,
    ready::{Ready, ReadyApplication, ReadyMember},
    tls, ways, web,
};

/// How often what has expired is swept out of the store.
const SWEEP: Duration = Duration::from_secs(3600);
/// Signalling may take this long to say goodbye after the stop was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// Runs until SIGTERM or Ctrl-C.
pub(crate) async fn run(args: DevArgs) -> anyhow::Result<()> {
    for (flag, address) in [("--http", args.http), ("--https", args.https)] {
        if !address.ip().is_loopback() && !args.force {
            bail!(
                "{flag} {address} can be reached by others; development mode has known secrets. Use a loopback address, or --force if you know what you do"
            );
        }
    }
    let stop_signals = StopSignals::listen()?;
    std::fs::create_dir_all(&args.data).with_context(|| format!("cannot create the data directory {}", args.data.display()))?;
    let http = bind("--http", args.http).await?;
    let https = bind("--https", args.https).await?;
    let origins = Origins::new(http.local_addr()?, https.local_addr()?);
    let local_tls = tls::local(&args.data.join("tls"))?;
    let way_out = WayOut::new(args.allow_outbound, args.outbound_ca.as_deref())?;
    let limits = app::limits::Limits::parse(args.rate_limit.iter().map(String::as_str)).map_err(|error| anyhow!("--rate-limit {error}"))?;
    let relay = operator_relay::from_arguments(&args.relay_url, args.relay_secret.as_deref())?;
    let captioner = captions::from_arguments(&args.captions).await?;
    let app = open(&args.data, &origins, relay)
        .await?
        .with_outbound(Arc::new(way_out))
        .with_limits(limits);
    let app = match &captioner {
        Some(captioner) => app.with_speech(Arc::clone(captioner) as Arc<dyn app::speech::Speech>),
        None => app,
    };
    let accounts = app
        .bootstrap_dev()
        .await
        .context("the accounts of development mode could not be made")?;

    if let Err(error) = app.close_abandoned_meeting_chats().await {
        tracing::error!(%error, "the chats of meetings that a crash ended could not be closed; the next start tries again");
    }

    let slot = Arc::new(OnceLock::new());
    let settings = MediaSettings {
        advertise: args.media.advertise.clone(),
        threads: args.media.threads,
    };
    let (tcp, plane) = ways::beside(args.media.bind, |bind| EnginePlane::start(bind, &settings, Arc::clone(&slot))).await?;
    let media_address = plane.local_addr();
    let engine = plane.engine();
    let (stop, stopped) = watch::channel(false);
    let doors = ways::Doors::open(tcp, &args.turn).await?;
    let (ways, serving_ways) = doors.serve(&engine, local_tls.without_protocols().into(), &stopped)?;
    let plane = plane.with_ways(ways.clone());
    let hub = Hub::new(app.clone(), Arc::new(plane));
    // The slot is new: nothing else can have filled it.
    drop(slot.set(hub.clone()));

    let realtime = communication::RealTime::start(&app);
    let numbers = api::Numbers {
        engine: engine.clone(),
        hub: hub.clone(),
        captioner,
        ways,
    };
    let captures =
        Captures::open(engine.clone(), hub.clone(), args.data.join("captures")).context("the folder of captures cannot be used")?;
    let own = api::router(app.clone(), numbers, captures.clone());
    let routes = routes(&app, &hub, &realtime, own, &origins)?;
    let plain = routes.clone().layer(axum::middleware::map_request(RequestScheme::mark_http));
    let secure = routes.layer(axum::middleware::map_request(RequestScheme::mark_https));
    let door = Door::new(Limits::default());
    let delivering = tokio::spawn({
        let (app, stopped) = (app.clone(), stopped.clone());
        async move { app.run_deliveries(Arc::new(graph::NotificationWriter), stopped).await }
    });
    let plain = tokio::spawn(listen::serve(Arc::clone(&door), http, None, plain, stopped.clone()));
    let secure = tokio::spawn(listen::serve(door, https, Some(local_tls.config.into()), secure, stopped));

    if let Some(path) = &args.ready_file {
        ready(&origins, &accounts, &local_tls.ca_certificate)?.write(path)?;
    }
    tracing::info!(origin = %origins.https, http_origin = %origins.http, media = %media_address, "ready");

    let sweeping = tokio::spawn(sweep(app, captures));
    stop_signals.asked().await;
    sweeping.abort();
    tracing::info!("stopping");
    drop(tokio::time::timeout(GRACE, async { tokio::join!(hub.stop(), realtime.stop()) }).await);
    stop.send_replace(true);
    for server in [plain, secure] {
        server.await.context("a listener failed")?;
    }
    serving_ways.join_all().await;
    delivering.await.context("the delivery of notifications failed")?;
    tokio::task::spawn_blocking(move || engine.stop()).await?;
    Ok(())
}

async fn bind(flag: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {flag} {address}; is another server running?"))
}

async fn open(data: &Path, origins: &Origins, relay: Option<app::Relay>) -> anyhow::Result<App> {
    let path = data.join("anteroom.sqlite");
    let store = store::SqlStore::open(&path)
        .await
        .with_context(|| format!("cannot open the store {}", path.display()))?;
    let config = app::Config {
        public_origin: origins.http.clone(),
        known_origins: origins.all(),
        signal_url: origins.signal_url(),
        region: "local".to_owned(),
        relay,
    };
    let app = App::new(
        config,
        Arc::new(store),
        Arc::new(app::system::SystemClock),
        Arc::new(app::system::SystemRandom::default()),
    )
    .await?;
    Ok(app)
}

fn routes(app: &App, hub: &Hub, realtime: &communication::RealTime, own: Router, origins: &Origins) -> anyhow::Result<Router> {
    let routes = graph::router(app.clone())
        .merge(communication::router_with(app.clone(), origins.authorities(), realtime.clone()))
        .merge(oidc::router(app.clone()))
        .merge(signal::router(hub.clone()))
        .merge(own)
        .fallback_service(web::router(origins)?)
        // A defect in one request is that request's 500, not the connection's end.
        .layer(tower_http::catch_panic::CatchPanicLayer::new());
    Ok(routes)
}

async fn sweep(app: App, captures: Captures) {
    let mut ticks = tokio::time::interval(SWEEP);
    loop {
        ticks.tick().await;
        if let Err(error) = app.sweep_sign_in().await {
            tracing::warn!(%error, "expired sign-in rows could not be swept; tried again in an hour");
        }
        if let Err(error) = app.sweep_chat().await {
            tracing::warn!(%error, "chats whose retention has ended could not be swept; tried again in an hour");
        }
        if let Err(error) = app.sweep_rooms().await {
            tracing::warn!(%error, "deleted rooms could not be swept; tried again in an hour");
        }
        if let Err(error) = app.sweep_surveys().await {
            tracing::warn!(%error, "old surveys could not be swept; tried again in an hour");
        }
        if let Err(error) = app.sweep_quality().await {
            tracing::warn!(%error, "old records of quality could not be swept; tried again in an hour");
        }
        if let Err(error) = captures.sweep().await {
            tracing::warn!(%error, "old captures could not be deleted; tried again in an hour");
        }
    }
}

/// The signals that ask for a stop. Listened for from before anything is served: whoever sees the ready file may stop at once.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn asked(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn ready(origins: &Origins, accounts: &DevAccounts, ca_certificate: &Path) -> anyhow::Result<Ready> {
    let tenant = &accounts.tenant;
    Ok(Ready {
        origin: origins.https.clone(),
        http_origin: origins.http.clone(),
        ca_certificate: std::path::absolute(ca_certificate)?.display().to_string(),
        tenant_id: tenant.id.clone(),
        resource_id: tenant.resource_id.clone(),
        connection_string: format!("endpoint={}/;accesskey={}", origins.https, accounts.access_key),
        graph_base_url: format!("{}/", origins.https),
        authority: format!("{}/{}", origins.https, tenant.id),
        application: ReadyApplication {
            client_id: accounts.application.client_id.clone(),
            client_secret: accounts.client_secret.clone(),
        },
        members: accounts
            .members
            .iter()
            .map(|dev| ReadyMember {
                id: dev.member.id.clone(),
                user_principal_name: dev.member.user_principal_name.clone(),
                display_name: dev.member.display_name.clone(),
                password: dev.password.clone(),
            })
            .collect(),
        admin_url: format!("{}/admin", origins.http),
        metrics_url: format!("{}/metrics", origins.http),
    })
}
