//! The use cases of Anteroom: everything that the facades (Graph, communication, sign-in, signalling) ask for, over ports.
//!
//! * Owns: who may do what, tokens and keys, links and ids, the rules of scheduling and changing meetings, what is announced when.
//! * Not here: HTTP (facades), SQL (`store`), what happens inside a held meeting (`meeting`), sockets (`signal`).
//! * Invariants: trust comes from verified tokens only; every change is committed before it is announced; nothing here reads the system's clock or
//!   randomness except `system`. Kept by the tests of this crate and of `store`.
//!
//! How to add a use case: a method on [`App`] in the module of its subject, its permission in [`permissions`], its port method in [`ports`]
//! with a case in the store's conformance suite, its errors in [`error`] as values a caller can act on.

pub mod access;
pub mod applications;
pub mod attendance;
pub mod bootstrap;
pub mod calendar;
mod calls;
pub mod changes;
pub mod chat;
pub mod error;
pub mod exchange;
pub mod idempotency;
pub mod identities;
pub mod ids;
pub mod limits;
pub mod links;
pub mod meetings;
mod members;
pub mod model;
pub mod notify;
pub mod outbound;
pub mod passwords;
pub mod permissions;
mod pii;
pub mod ports;
pub mod quality;
mod records;
pub mod relay;
pub mod resolve;
pub mod rooms;
mod settings;
pub mod sign_in;
mod source;
pub mod speech;
pub mod surveys;
pub mod system;
mod text;
mod throttle;
pub mod tokens;
pub mod transcripts;

use std::sync::{Arc, PoisonError, RwLock};

pub use bootstrap::{DevAccounts, DevMember};
pub use changes::Change;
pub use error::{AppError, ResolveError, TokenError};
pub use identities::{IssuedToken, TokenScope};
pub use meetings::{MeetingDraft, MeetingPatch, OptionsEdit, Page};
pub use pii::Pii;
pub use ports::StoreError;
pub use resolve::{Locator, Resolved};
pub use source::Source;
pub use tokens::{Caller, SignalIdentity, bearer_token};

use model::Tenant;
use passwords::Passwords;
use ports::{Clock, Random, Store};
use throttle::Throttle;
use tokens::Signer;

/// Microseconds since the Unix epoch, UTC.
pub type Micros = i64;

/// How the server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Canonical origin (scheme, host, port; no slash at the end) in links that are handed out.
    pub public_origin: String,
    /// Other origins under which the same server is known; tokens issued under each of them are accepted.
    pub known_origins: Vec<String>,
    /// Absolute WebSocket URL of signalling, put into tokens.
    pub signal_url: String,
    /// Where the server stands, as told in communication tokens.
    pub region: String,
    /// Relays that the operator runs; none when there are none.
    pub relay: Option<Relay>,
}

/// Relays (TURN) with a shared secret, from which short credentials are derived (the scheme of draft-uberti-behave-turn-rest, which coturn calls
/// `use-auth-secret`).
#[derive(Clone, PartialEq, Eq)]
pub struct Relay {
    /// URLs for the nearest relay, `stun:` and `turn:`/`turns:`.
    pub urls: Vec<String>,
    /// The shared secret.
    pub secret: String,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("urls", &self.urls).finish_non_exhaustive()
    }
}

impl Config {
    /// All origins, the canonical one first.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.public_origin)
            .chain(self.known_origins.iter().filter(|origin| **origin != self.public_origin))
            .map(String::as_str)
    }

    /// The first of our origins with this authority (a `Host` header), letter case ignored. What a client says only chooses between ours.
    #[must_use]
    pub fn origin_named(&self, authority: &str) -> Option<&str> {
        self.origins().find(|origin| {
            origin
                .split_once("://")
                .is_some_and(|(_, own)| own.trim_end_matches('/').eq_ignore_ascii_case(authority))
        })
    }
}

/// The use cases. Cheap to clone; all clones are the same application.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    signer: Signer,
    passwords: Passwords,
    tenant: RwLock<Option<Arc<Tenant>>>,
    changes: tokio::sync::broadcast::Sender<Change>,
    throttle: Throttle,
    notifier: notify::Notifier,
    limits: std::sync::OnceLock<limits::Limits>,
    upstreams: sign_in::Upstreams,
    outbound: std::sync::OnceLock<Arc<dyn outbound::Outbound>>,
    speech: std::sync::OnceLock<Arc<dyn speech::Speech>>,
    chat_events: tokio::sync::broadcast::Sender<Arc<chat::ChatEvent>>,
    chat: chat::Desk,
    /// Held during read-change-write of one row; the store's revision check covers other processes.
    writing: tokio::sync::Mutex<()>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

impl App {
    /// Opens the application over a store: loads tenant and keys, makes the first signing key when there is none.
    ///
    /// # Errors
    /// The store failed or is damaged.
    pub async fn new(config: Config, store: Arc<dyn Store>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self, AppError> {
        let tenant = store.tenant().await?.map(Arc::new);
        let passwords = Passwords::new(&*random)?;
        let (changes, _) = tokio::sync::broadcast::channel(changes::CAPACITY);
        let inner = Inner {
            config,
            store,
            clock,
            random,
            signer: Signer::default(),
            passwords,
            tenant: RwLock::new(tenant),
            changes,
            throttle: Throttle::default(),
            notifier: notify::Notifier::default(),
            limits: std::sync::OnceLock::new(),
            upstreams: sign_in::Upstreams::default(),
            outbound: std::sync::OnceLock::new(),
            speech: std::sync::OnceLock::new(),
            chat_events: tokio::sync::broadcast::channel(chat::CHAT_EVENTS_CAPACITY).0,
            chat: chat::Desk::default(),
            writing: tokio::sync::Mutex::new(()),
        };
        let app = Self { inner: Arc::new(inner) };
        app.load_keys().await?;
        Ok(app)
    }

    /// Gives the application its way out; the first one counts. Without it nobody is called.
    #[must_use]
    pub fn with_outbound(self, outbound: Arc<dyn outbound::Outbound>) -> Self {
        drop(self.inner.outbound.set(outbound));
        self
    }

    /// Gives the application a recogniser; the first one counts. Without it there are no captions.
    #[must_use]
    pub fn with_speech(self, speech: Arc<dyn speech::Speech>) -> Self {
        drop(self.inner.speech.set(speech));
        self
    }

    /// The recogniser, when there is one.
    #[must_use]
    pub fn speech(&self) -> Option<&Arc<dyn speech::Speech>> {
        self.inner.speech.get()
    }

    /// The way out.
    pub(crate) fn outbound(&self) -> &dyn outbound::Outbound {
        self.inner.outbound.get().map_or(&outbound::NoOutbound, |outbound| &**outbound)
    }

    /// What happens in chats from now on. A receiver that is too far behind gets `RecvError::Lagged` and has missed events.
    #[must_use]
    pub fn chat_events(&self) -> tokio::sync::broadcast::Receiver<Arc<chat::ChatEvent>> {
        self.inner.chat_events.subscribe()
    }

    /// How the server is reached.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.inner.clock.now()
    }

    /// Randomness.
    #[must_use]
    pub fn random(&self) -> &dyn Random {
        &*self.inner.random
    }

    /// Signs and verifies tokens.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.inner.signer
    }

    /// The tenant.
    ///
    /// # Errors
    /// `NoTenant` before the first start was finished.
    pub fn tenant(&self) -> Result<Arc<Tenant>, AppError> {
        self.cached_tenant().ok_or(AppError::NoTenant)
    }

    /// The issuer of tokens under one origin: `{origin}/{tenant}/v2.0`; nothing before there is a tenant.
    #[must_use]
    pub fn issuer(&self, origin: &str) -> Option<String> {
        Some(format!("{}/{}/v2.0", origin.trim_end_matches('/'), self.cached_tenant()?.id))
    }

    /// Makes a new signing key that signs from now on; keys that no living token can need are forgotten.
    ///
    /// # Errors
    /// The store or cryptography failed; the old key then goes on signing.
    pub async fn rotate_signing_key(&self) -> Result<(), AppError> {
        const KEEP: Micros = 25 * 3600 * 1_000_000;
        let now = self.now();
        let key = tokens::generate_key(now)?;
        self.store().insert_signing_key(&key).await?;
        // A key signs until the next one is made; what was replaced longer ago than the longest life of a token is not needed.
        let keys = self.store().signing_keys().await?;
        if let Some(signing_then) = keys.iter().find(|key| key.created <= now - KEEP) {
            self.store().delete_signing_keys_before(signing_then.created).await?;
        }
        self.load_keys().await
    }

    async fn load_keys(&self) -> Result<(), AppError> {
        let mut keys = self.store().signing_keys().await?;
        if keys.is_empty() {
            let key = tokens::generate_key(self.now())?;
            self.store().insert_signing_key(&key).await?;
            keys = vec![key];
        }
        Ok(self.inner.signer.load(&keys)?)
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.inner.store
    }

    pub(crate) fn cached_tenant(&self) -> Option<Arc<Tenant>> {
        self.inner.tenant.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn cache_tenant(&self, tenant: Tenant) -> Arc<Tenant> {
        let tenant = Arc::new(tenant);
        *self.inner.tenant.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&tenant));
        tenant
    }
}
