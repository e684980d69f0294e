//! Takes the keys of a DTLS handshake that str0m makes.
//!
//! str0m asks its provider for a DTLS instance while an `Rtc` is built, and reads the keying material from it. [`provider`] gives str0m's own provider
//! with instances that also leave a copy for us: in the [`Material`] of the [`tapping`] during which they were made.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use str0m::crypto::dtls::{DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion, SrtpProfile};
use str0m::crypto::{CryptoError, CryptoProvider};

use crate::{Keys, Profile, Side, SrtpError};

thread_local! {
    static CURRENT: RefCell<Option<Material>> = const { RefCell::new(None) };
}

/// Where the keying material of one handshake appears.
#[derive(Clone, Default)]
pub struct Material(Arc<OnceLock<(Vec<u8>, SrtpProfile, Side)>>);

impl std::fmt::Debug for Material {
    // Keys are never shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Material").field(&self.0.get().is_some()).finish()
    }
}

impl Material {
    /// The session keys; nothing before the handshake is through.
    pub fn keys(&self) -> Option<Result<Keys, SrtpError>> {
        let (bytes, profile, side) = self.0.get()?;
        let profile = match *profile {
            SrtpProfile::AES128_CM_SHA1_80 => Profile::Aes128CmHmacSha1,
            SrtpProfile::AEAD_AES_128_GCM => Profile::AeadAes128Gcm,
            SrtpProfile::AEAD_AES_256_GCM => Profile::AeadAes256Gcm,
            _ => return Some(Err(SrtpError::Profile)),
        };
        Some(Keys::derive(bytes, profile, *side))
    }
}

/// Runs what builds one `Rtc` on this thread, with [`provider`]; the keys of its handshake appear in what is handed back.
pub fn tapping<T>(build: impl FnOnce() -> T) -> (T, Material) {
    let material = Material::default();
    let before = CURRENT.with_borrow_mut(|current| current.replace(material.clone()));
    let built = build();
    CURRENT.with_borrow_mut(|current| *current = before);
    (built, material)
}

/// str0m's provider for this build, tapped.
pub fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| {
        Arc::new(CryptoProvider {
            dtls_provider: &TAPPED,
            ..str0m::crypto::from_feature_flags()
        })
    }))
}

static TAPPED: Tapped = Tapped;

#[derive(Debug)]
struct Tapped;

impl DtlsProvider for Tapped {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        str0m::crypto::from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let inner = str0m::crypto::from_feature_flags()
            .dtls_provider
            .new_dtls(cert, now, version, mtu)?;
        let material = CURRENT.with_borrow(Clone::clone);
        Ok(Box::new(TappedInstance { inner, material }))
    }
}

#[derive(Debug)]
struct TappedInstance {
    inner: Box<dyn DtlsInstance>,
    material: Option<Material>,
}

impl DtlsInstance for TappedInstance {
    fn set_active(&mut self, active: bool) {
        self.inner.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.inner.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        let output = self.inner.poll_output(buf);
        if let (DtlsOutput::KeyingMaterial(bytes, profile), Some(material)) = (&output, &self.material) {
            let side = if self.inner.is_active() { Side::Client } else { Side::Server };
            // A second handshake on the same connection does not happen in WebRTC; its keys would be dropped here.
            let _ = material.0.set((bytes.to_vec(), *profile, side));
        }
        output
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

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed(profile: SrtpProfile) -> Result<usize, SrtpError> {
        let material = Material::default();
        assert!(material.keys().is_none(), "no handshake, no keys");
        material.0.set((vec![7; 88], profile, Side::Server)).unwrap();
        material.keys().unwrap().map(|keys| keys.sealer.tag())
    }

    #[test]
    fn every_profile_that_browsers_know_gives_keys() {
        assert_eq!(agreed(SrtpProfile::AES128_CM_SHA1_80), Ok(10));
        assert_eq!(agreed(SrtpProfile::AEAD_AES_128_GCM), Ok(16));
        assert_eq!(agreed(SrtpProfile::AEAD_AES_256_GCM), Ok(16));
    }
}
