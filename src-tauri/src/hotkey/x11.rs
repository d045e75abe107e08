//! Taking a key on X11, on a connection of its own that waits for the key and else does nothing.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tauri::AppHandle;
use x11rb::{
    connection::Connection as _,
    cookie::VoidCookie,
    errors::ReplyError,
    protocol::{
        ErrorKind, Event,
        xproto::{
            ClientMessageEvent, ConnectionExt as _, EventMask, GrabMode, Keycode, ModMask, WindowClass,
        },
    },
    rust_connection::RustConnection,
};

use super::{
    Why,
    chord::{Chord, Key},
};

/// A key that is held down repeats faster than this.
const REPEAT: Duration = Duration::from_millis(250);

/// A key that is ours until this is dropped.
#[derive(Debug)]
pub(super) struct Grab {
    chord: Chord,
    screen: Arc<Screen>,
}

#[derive(Debug)]
struct Screen {
    connection: RustConnection,
    root: u32,
    /// A window that is never shown; a message to it ends the waiting.
    bell: u32,
}

impl Grab {
    /// Takes the key; `pressed` is called on a thread of its own.
    pub(super) fn take(
        _app: &AppHandle,
        chord: Chord,
        pressed: impl Fn() + Send + 'static,
    ) -> Result<Self, Why> {
        if super::is_wayland() {
            return Err(Why::Wayland);
        }
        let screen = Arc::new(
            Screen::open().map_err(|error| Why::Said(format!("there is no X server to ask ({error})")))?,
        );
        let keycode = screen.keycode(chord.key)?;
        screen.grab(keycode, modifiers(&chord))?;
        let waiting = Arc::clone(&screen);
        thread::Builder::new()
            .name("hotkey".to_owned())
            .spawn(move || waiting.wait(keycode, pressed))
            .map_err(Why::said)?;
        Ok(Self { chord, screen })
    }

    pub(super) fn is_of(&self, chord: &Chord) -> bool {
        self.chord == *chord
    }
}

impl Drop for Grab {
    /// The waiting thread ends, and with its connection the grab.
    fn drop(&mut self) {
        self.screen.ring();
    }
}

impl Screen {
    fn open() -> Result<Self, Box<dyn std::error::Error>> {
        let (connection, number) = x11rb::connect(None)?;
        let (root, visual) = {
            let screen = connection.setup().roots.get(number).ok_or("it has no screen")?;
            (screen.root, screen.root_visual)
        };
        let bell = connection.generate_id()?;
        let (class, nothing) = (WindowClass::INPUT_ONLY, &Default::default());
        connection.create_window(0, bell, root, 0, 0, 1, 1, 0, class, visual, nothing)?;
        connection.flush()?;
        Ok(Self { connection, root, bell })
    }

    fn keycode(&self, key: Key) -> Result<Keycode, Why> {
        let setup = self.connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let mapping = self
            .connection
            .get_keyboard_mapping(first, last - first + 1)
            .map_err(Why::said)?
            .reply()
            .map_err(Why::said)?;
        let wanted = keysym(key);
        let per_key = usize::from(mapping.keysyms_per_keycode).max(1);
        let at = mapping.keysyms.chunks(per_key).position(|signs| signs.contains(&wanted));
        at.and_then(|at| first.checked_add(u8::try_from(at).ok()?)).ok_or(Why::NoSuchKey)
    }

    fn grab(&self, keycode: Keycode, held: ModMask) -> Result<(), Why> {
        // With the locks that a person may have on, or not.
        for locks in [ModMask::default(), ModMask::M2, ModMask::LOCK, ModMask::M2 | ModMask::LOCK] {
            let asked = self.connection.grab_key(
                false,
                self.root,
                held | locks,
                keycode,
                GrabMode::ASYNC,
                GrabMode::ASYNC,
            );
            match asked.map_err(ReplyError::from).and_then(VoidCookie::check) {
                Ok(()) => {}
                Err(ReplyError::X11Error(error)) if error.error_kind == ErrorKind::Access => {
                    return Err(Why::Taken);
                }
                Err(error) => return Err(Why::said(error)),
            }
        }
        Ok(())
    }

    fn wait(&self, keycode: Keycode, pressed: impl Fn()) {
        let mut last: Option<Instant> = None;
        loop {
            match self.connection.wait_for_event() {
                Ok(Event::KeyPress(press)) if press.detail == keycode => {
                    if last.is_none_or(|at| at.elapsed() > REPEAT) {
                        pressed();
                    }
                    last = Some(Instant::now());
                }
                // One that is held down comes as press and release in turn.
                Ok(Event::KeyRelease(_)) if last.is_some() => last = Some(Instant::now()),
                Ok(Event::ClientMessage(message)) if message.window == self.bell => break,
                Ok(_) => {}
                // The X server is gone.
                Err(_) => return,
            }
        }
        // The connection closes only when all who hold it are gone; the key is free now.
        let _ = self.connection.ungrab_key(keycode, self.root, ModMask::ANY).map(VoidCookie::check);
    }

    fn ring(&self) {
        let message = ClientMessageEvent::new(32, self.bell, 1u32, [0u32; 5]);
        // An event without a mask goes to whoever made the window: us.
        let _ = self.connection.send_event(false, self.bell, EventMask::NO_EVENT, message);
        let _ = self.connection.flush();
    }
}

fn modifiers(chord: &Chord) -> ModMask {
    let mut mask = ModMask::default();
    for (is_held, modifier) in [
        (chord.is_control, ModMask::CONTROL),
        (chord.is_alt, ModMask::M1),
        (chord.is_shift, ModMask::SHIFT),
        (chord.is_super, ModMask::M4),
    ] {
        if is_held {
            mask |= modifier;
        }
    }
    mask
}

/// The numbers of X11's keysymdef.h. Letters are looked for in lower case, as keyboards have them.
fn keysym(key: Key) -> u32 {
    match key {
        Key::Sign(sign) => u32::from(sign.to_ascii_lowercase()),
        Key::Function(number) => 0xffbd + u32::from(number),
        Key::Space => 0x20,
        Key::Enter => 0xff0d,
        Key::Tab => 0xff09,
    }
}
