//! Knocks at a socket as whoever started it: writes one request there and prints what comes back,
//! or why nothing does. For tests that need another user, or a child of a tool.

#[cfg(unix)]
fn main() {
    use std::{
        io::{Read, Write},
        os::unix::net::UnixStream,
        time::Duration,
    };
    let mut words = std::env::args().skip(1);
    let (Some(socket), Some(request)) = (words.next(), words.next()) else {
        eprintln!("usage: knock SOCKET REQUEST");
        std::process::exit(2);
    };
    let knock = || -> std::io::Result<String> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(request.replace("\\r\\n", "\r\n").as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    match knock() {
        Ok(answer) => println!("answer: {answer}"),
        Err(error) => println!("nothing: {error}"),
    }
}

#[cfg(not(unix))]
fn main() {}
