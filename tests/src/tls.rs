//! A server over TLS whose certificate is right, or wrong in one way.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// What its certificate is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// By the authority, for `localhost`.
    Good,
    /// By itself alone.
    SelfSigned,
    /// By the authority, and past its time.
    Expired,
    /// By the authority, for another host.
    OtherHost,
}

/// A server on loopback that lists one model to whoever trusts it.
pub struct TlsServer {
    address: SocketAddr,
    authority: PathBuf,
    asked: Arc<Mutex<Vec<String>>>,
    met: Arc<AtomicUsize>,
}

impl TlsServer {
    /// Begins to listen. The certificate of the authority is kept in `folder`.
    ///
    /// # Panics
    /// When certificate or port cannot be had.
    #[must_use]
    pub fn new(certificate: Certificate, folder: &Path) -> Self {
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.distinguished_name.push(DnType::CommonName, "Jamey's authority for tests");
        let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
        let authority = folder.join("authority.pem");
        fs::write(&authority, root.pem()).unwrap();
        let name = if certificate == Certificate::OtherHost { "elsewhere.example" } else { "localhost" };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        if certificate == Certificate::Expired {
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let made = match certificate {
            Certificate::SelfSigned => params.self_signed(&key),
            _ => params.signed_by(&key, &root),
        };
        let chain = vec![CertificateDer::from(made.unwrap().der().to_vec())];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, met) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicUsize>::default());
        let (config, seen, count) = (Arc::new(config), Arc::clone(&asked), Arc::clone(&met));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                if let Some(head) = answer(stream, &config) {
                    seen.lock().unwrap().push(head);
                }
            }
        });
        Self { address, authority, asked, met }
    }

    /// What goes into `OPENAI_BASE_URL`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("https://localhost:{}/v1", self.address.port())
    }

    /// What goes into `SSL_CERT_FILE` of whoever shall trust the authority.
    #[must_use]
    pub fn authority(&self) -> String {
        self.authority.display().to_string()
    }

    /// The requests that came through.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// How often somebody connected, trusting or not.
    #[must_use]
    pub fn met(&self) -> usize {
        self.met.load(Ordering::SeqCst)
    }
}

/// Answers one request; nothing when there was none.
fn answer(stream: TcpStream, config: &Arc<ServerConfig>) -> Option<String> {
    let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(config)).ok()?, stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let (kind, body) = if head.starts_with(b"POST") {
        let said = "data: {\"choices\":[{\"delta\":{\"content\":\"yes\"},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n";
        ("text/event-stream", said)
    } else {
        ("application/json", "{\"object\":\"list\",\"data\":[{\"id\":\"scripted\",\"object\":\"model\"}]}")
    };
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(reply.as_bytes());
    stream.conn.send_close_notify();
    let _ = stream.flush();
    String::from_utf8(head).ok()
}
