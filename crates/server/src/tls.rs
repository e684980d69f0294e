//! The local certificate authority of dev mode.
//!
//! The authority's key and certificate are made once and kept in the data directory (clients are told to trust that file);
//! the server's own certificate is issued anew at every start. The authority may only vouch for loopback names, so trusting
//! it cannot harm anything but this machine's own loopback. ACME and operators' own files are not here yet.

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, NameConstraints,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A server configuration and where the certificate of its authority lies.
pub(crate) struct LocalTls {
    pub(crate) config: Arc<rustls::ServerConfig>,
    pub(crate) ca_certificate: PathBuf,
}

impl LocalTls {
    /// The same for protocols that have no name in TLS.
    pub(crate) fn without_protocols(&self) -> Arc<rustls::ServerConfig> {
        let mut config = (*self.config).clone();
        config.alpn_protocols.clear();
        Arc::new(config)
    }
}

/// Loads or makes the local authority in `dir` and issues a certificate for the loopback names.
pub(crate) fn local(dir: &Path) -> anyhow::Result<LocalTls> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let key_path = dir.join("ca.key.pem");
    let ca_path = dir.join("ca.pem");
    let key = if key_path.exists() && ca_path.exists() {
        KeyPair::from_pem(&fs::read_to_string(&key_path)?).with_context(|| {
            format!(
                "{} is not a private key; delete {} to make a new local authority",
                key_path.display(),
                dir.display()
            )
        })?
    } else {
        let key = KeyPair::generate()?;
        let certificate = authority()?.self_signed(&key)?;
        write_secret(&key_path, &key.serialize_pem())?;
        fs::write(&ca_path, certificate.pem())?;
        key
    };
    let issuer = Issuer::new(authority()?, key);
    let leaf_key = KeyPair::generate()?;
    let mut params = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    set_validity(&mut params, 1)?;
    let leaf = params.signed_by(&leaf_key, &issuer)?;
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], private)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(LocalTls {
        config: Arc::new(config),
        ca_certificate: ca_path,
    })
}

fn authority() -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Anteroom local development authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8)),
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(IpAddr::V6(Ipv6Addr::LOCALHOST), 128)),
        ],
        excluded_subtrees: vec![],
    });
    set_validity(&mut params, 10)?;
    Ok(params)
}

fn set_validity(params: &mut CertificateParams, years: i32) -> anyhow::Result<()> {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let yesterday = today.yesterday()?;
    let ymd = |date: jiff::civil::Date, year: i32| -> anyhow::Result<_> {
        // The first of the month exists in every year; a leap day does not.
        Ok(rcgen::date_time_ymd(
            year,
            u8::try_from(date.month())?,
            if date.day() > 28 { 28 } else { u8::try_from(date.day())? },
        ))
    };
    params.not_before = ymd(yesterday, i32::from(yesterday.year()))?;
    params.not_after = ymd(today, i32::from(today.year()).saturating_add(years))?;
    Ok(())
}

/// Writes a file that only its owner can read.
pub(crate) fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
