//! Encrypting what happened for a subscriber's certificate.
//!
//! Each item has a key of its own: AES-256-CBC with PKCS#7 padding, the initialization vector being the first half of the key (receivers derive it
//! so; a key is used once, so the vector never repeats for a key), HMAC-SHA-256 over the ciphertext under the same key, and the key itself encrypted
//! by RSA-OAEP with SHA-1. The algorithms are the receivers'.

use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

use crate::error::AppError;
use crate::model::EncryptionCertificate;
use crate::ports::Random;

/// Sizes of RSA keys that are accepted, in bits.
const KEY_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// Longest certificate, in base64. A 4096-bit certificate with many names has about 4000 characters.
const MAX_CERTIFICATE: usize = 16 * 1024;
const FAILED: AppError = AppError::Crypto {
    operation: "encrypting a notification",
};

/// What happened, readable for the subscriber only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    /// The content, base64.
    pub data: String,
    /// HMAC over the content's ciphertext, base64.
    pub data_signature: String,
    /// The key, encrypted, base64.
    pub data_key: String,
    /// The subscriber's name for the certificate.
    pub certificate_id: String,
    /// SHA-1 of the certificate, upper-case hexadecimal.
    pub certificate_thumbprint: String,
}

/// Why a certificate cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum CertificateProblem {
    #[error("it must be an X.509 certificate (DER) in base64")]
    Unreadable,
    #[error("its key must be an RSA key of 2048 to 4096 bits")]
    Key,
}

/// Checks that something can be encrypted for this certificate.
pub(super) fn check_certificate(base64: &str) -> Result<(), CertificateProblem> {
    open(base64).map(drop)
}

/// Encrypts `content` under a new key for the certificate.
pub(super) fn encrypt(certificate: &EncryptionCertificate, content: &[u8], random: &dyn Random) -> Result<Encrypted, AppError> {
    let (public, der) = open(&certificate.der).map_err(|_| FAILED)?;
    let mut key = [0_u8; 32];
    random.fill(&mut key);
    let vector: [u8; 16] = key.first_chunk().copied().ok_or(FAILED)?;
    let mut data = content.to_vec();
    let cipher = UnboundCipherKey::new(&AES_256, &key)
        .and_then(PaddedBlockEncryptingKey::cbc_pkcs7)
        .map_err(|_| FAILED)?;
    cipher
        .less_safe_encrypt(&mut data, EncryptionContext::Iv128(FixedLength::from(vector)))
        .map_err(|_| FAILED)?;
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &data);
    let mut data_key = vec![0; public.ciphertext_size()];
    let data_key = public.encrypt(&OAEP_SHA1_MGF1SHA1, &key, &mut data_key, None).map_err(|_| FAILED)?;
    Ok(Encrypted {
        data: STANDARD.encode(&data),
        data_signature: STANDARD.encode(signature),
        data_key: STANDARD.encode(&*data_key),
        certificate_id: certificate.id.clone(),
        certificate_thumbprint: thumbprint(&der),
    })
}

fn open(base64: &str) -> Result<(OaepPublicEncryptingKey, Vec<u8>), CertificateProblem> {
    if base64.len() > MAX_CERTIFICATE {
        return Err(CertificateProblem::Unreadable);
    }
    let text: String = base64.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let der = STANDARD.decode(text).map_err(|_| CertificateProblem::Unreadable)?;
    let certificate = Certificate::from_der(&der).map_err(|_| CertificateProblem::Unreadable)?;
    let spki = certificate
        .tbs_certificate()
        .subject_public_key_info()
        .to_der()
        .map_err(|_| CertificateProblem::Unreadable)?;
    let key = PublicEncryptingKey::from_der(&spki).map_err(|_| CertificateProblem::Key)?;
    if !KEY_BITS.contains(&key.key_size_bits()) {
        return Err(CertificateProblem::Key);
    }
    let key = OaepPublicEncryptingKey::new(key).map_err(|_| CertificateProblem::Key)?;
    Ok((key, der))
}

fn thumbprint(der: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der);
    digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
}
