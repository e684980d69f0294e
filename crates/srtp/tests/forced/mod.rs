//! A handshake behind which both sides are told of another profile than they agreed on, with as much of the keying material as that needs.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use srtp::{Keys, Profile, Side, tap};
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, KeyingMaterial, ProtocolVersion, SrtpProfile,
};
use str0m::crypto::{CryptoError, CryptoProvider};

thread_local! {
    static CURRENT: RefCell<Forced> = RefCell::default();
}

/// What one side is told, and what it then has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forced {
    profile: Option<Profile>,
    told: Arc<Mutex<Option<Told>>>,
}

/// Keying material, and who we were.
type Told = (Vec<u8>, Side);

impl Forced {
    /// Nothing: what was agreed on.
    pub(crate) fn to(profile: Option<Profile>) -> Self {
        Self {
            profile,
            told: Arc::default(),
        }
    }

    /// Runs what builds one `Rtc` with [`provider`].
    pub(crate) fn during<T>(&self, build: impl FnOnce() -> T) -> T {
        CURRENT.set(self.clone());
        let built = build();
        CURRENT.take();
        built
    }

    /// The session keys of the profile that was told; nothing where none was.
    pub(crate) fn keys(&self) -> Option<Keys> {
        let (bytes, side) = self.told.lock().unwrap().clone()?;
        Some(Keys::derive(&bytes, self.profile?, side).unwrap())
    }
}

/// The tapped provider with forced instances.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| {
        Arc::new(CryptoProvider {
            dtls_provider: &Provider,
            ..(*tap::provider()).clone()
        })
    }))
}

#[derive(Debug)]
struct Provider;

impl DtlsProvider for Provider {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        tap::provider().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let inner = tap::provider().dtls_provider.new_dtls(cert, now, version, mtu)?;
        let forced = CURRENT.with_borrow(Clone::clone);
        Ok(Box::new(Instance { inner, forced }))
    }
}

#[derive(Debug)]
struct Instance {
    inner: Box<dyn DtlsInstance>,
    forced: Forced,
}

impl DtlsInstance for Instance {
    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        match (self.inner.poll_output(buf), self.forced.profile) {
            (DtlsOutput::KeyingMaterial(bytes, _), Some(profile)) => {
                let (length, told) = match profile {
                    Profile::Aes128CmHmacSha1 => (60, SrtpProfile::AES128_CM_SHA1_80),
                    Profile::AeadAes128Gcm => (56, SrtpProfile::AEAD_AES_128_GCM),
                    Profile::AeadAes256Gcm => (88, SrtpProfile::AEAD_AES_256_GCM),
                };
                let side = if self.inner.is_active() { Side::Client } else { Side::Server };
                *self.forced.told.lock().unwrap() = Some((bytes[..length].to_vec(), side));
                DtlsOutput::KeyingMaterial(KeyingMaterial::new(&bytes[..length]), told)
            }
            (output, _) => output,
        }
    }

    fn set_active(&mut self, active: bool) {
        self.inner.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.inner.handle_packet(packet)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.inner.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.inner.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.inner.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.inner.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.inner.close()
    }
}
