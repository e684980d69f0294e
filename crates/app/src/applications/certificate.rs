//! Reads what an administrator uploads as proof key: an X.509 certificate or a bare public key, in PEM.
//!
//! The certificate is a container only: whoever holds the registered key is the application, whoever signed the certificate. Its dates count.

use aws_lc_rs::{
    digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest},
    rsa::PublicKey,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use x509_cert::{
    Certificate,
    der::{Decode as _, Document, Encode as _},
};

use crate::{AppError, Micros, model::ApplicationKey};

/// The longest honest certificate is a few KiB.
const LONGEST_PEM: usize = 12 * 1024;
/// Shorter RSA keys are not accepted anywhere any more; longer ones make verifying slow.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// A key without id, name and date of registration.
pub(super) fn read(pem: &str) -> Result<ApplicationKey, AppError> {
    let invalid = |message: &str| AppError::invalid("pem", message);
    if pem.contains("PRIVATE KEY") {
        return Err(invalid(
            "this holds a private key, which nobody but the application may have: make a new key, and send its certificate only",
        ));
    }
    if pem.len() > LONGEST_PEM {
        return Err(invalid("a certificate has at most 12 KiB"));
    }
    let (label, document) = Document::from_pem(pem.trim())
        .map_err(|_| invalid("this is not one certificate or public key in PEM (-----BEGIN CERTIFICATE-----)"))?;
    let der = document.as_bytes();
    match label {
        "CERTIFICATE" => {
            read_certificate(der).ok_or_else(|| invalid("the certificate cannot be read, or its key is not RSA of 2048 to 8192 bits"))
        }
        "PUBLIC KEY" if is_usable(der) => Ok(key(der)),
        "PUBLIC KEY" => Err(invalid("the key is not RSA of 2048 to 8192 bits")),
        _ => Err(invalid("only CERTIFICATE and PUBLIC KEY are accepted")),
    }
}

fn read_certificate(der: &[u8]) -> Option<ApplicationKey> {
    let certificate = Certificate::from_der(der).ok()?;
    let body = certificate.tbs_certificate();
    let public_key = body.subject_public_key_info().to_der().ok().filter(|key| is_usable(key))?;
    let micros = |time: x509_cert::time::Time| Micros::try_from(time.to_unix_duration().as_micros()).ok();
    Some(ApplicationKey {
        sha1: Some(URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, der))),
        sha256: Some(URL_SAFE_NO_PAD.encode(digest(&SHA256, der))),
        valid_from: Some(micros(body.validity().not_before)?),
        expires: Some(micros(body.validity().not_after)?),
        ..key(&public_key)
    })
}

fn key(public_key: &[u8]) -> ApplicationKey {
    ApplicationKey {
        id: String::new(),
        name: String::new(),
        public_key: STANDARD.encode(public_key),
        sha1: None,
        sha256: None,
        valid_from: None,
        expires: None,
        created: 0,
    }
}

fn is_usable(public_key: &[u8]) -> bool {
    let length = |key: PublicKey| key.modulus().big_endian_without_leading_zero().len();
    PublicKey::from_der(public_key).is_ok_and(|key| MODULUS_BYTES.contains(&length(key)))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, PublicKeyData as _, RsaKeySize};

    use super::*;

    #[test]
    fn a_certificate_is_known_by_its_thumbprints_and_a_bare_key_by_itself() {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let certificate = CertificateParams::new(vec!["app.example.org".to_owned()])
            .unwrap()
            .self_signed(&pair)
            .unwrap();
        let read_one = read(&format!("\n{}\n", certificate.pem())).unwrap();
        let sha1 = URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate.der()));
        assert_eq!(read_one.sha1.as_deref(), Some(sha1.as_str()));
        assert!(read_one.valid_from < read_one.expires);
        let bare = read(&pair.public_key_pem()).unwrap();
        assert_eq!((&bare.public_key, bare.sha1), (&read_one.public_key, None));
        assert_eq!(STANDARD.decode(&bare.public_key).unwrap(), pair.subject_public_key_info());
    }

    #[test]
    fn private_keys_other_algorithms_and_other_texts_are_refused() {
        let curve = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let certificate = CertificateParams::new(vec!["app.example.org".to_owned()])
            .unwrap()
            .self_signed(&curve)
            .unwrap();
        let cut = certificate.pem().replace("MII", "MIX");
        for wrong in [
            curve.serialize_pem(),
            certificate.pem(),
            curve.public_key_pem(),
            cut,
            "x".to_owned(),
            String::new(),
            "-----BEGIN".repeat(5000),
        ] {
            assert!(matches!(read(&wrong), Err(AppError::InvalidArgument { .. })), "{wrong:.60}");
        }
    }
}
