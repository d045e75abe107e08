//! The field itself.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use gtk::{
    ApplicationWindow, DirectionType, Entry, Orientation, Overlay,
    gdk::{EventKey, ModifierType, keys::constants as key},
    glib::{self, Propagation, clone},
    prelude::*,
};

use super::{Early, Pressed, dress};
use crate::settings::Settings;

/// In this time what is new has been painted.
const PAINTED: Duration = Duration::from_millis(60);
/// Below the field, where the page says which keys do something; in logical pixels as in `quick.css`.
const FOOT: i32 = 40;
/// Keys with one of these are commands, which belong to the page.
const COMMANDS: [ModifierType; 3] =
    [ModifierType::CONTROL_MASK, ModifierType::MOD1_MASK, ModifierType::SUPER_MASK];

type Then = Box<dyn FnOnce(Early)>;

/// A field over a page that does not listen yet.
pub(super) struct Line {
    page: gtk::Box,
    cover: gtk::Box,
    entry: Entry,
    /// An input method has something that is not in the field yet.
    is_composing: Cell<bool>,
    pressed: Cell<Option<Pressed>>,
    /// Who waits for the end of that.
    then: RefCell<Option<Then>>,
    /// Whether the page shows itself by now.
    is_over: Cell<bool>,
}

impl Line {
    /// One that will lie over `page`.
    pub(super) fn new(settings: &Settings, page: gtk::Box) -> Rc<Self> {
        let entry = Entry::builder().has_frame(false).placeholder_text(settings.words().quick_ask).build();
        if let Some(accessible) = entry.accessible() {
            accessible.set_name(settings.words().quick_ask);
        }
        let foot = gtk::Box::new(Orientation::Horizontal, 0);
        foot.set_size_request(-1, FOOT);
        let cover = gtk::Box::new(Orientation::Vertical, 0);
        cover.pack_start(&entry, true, true, 0);
        cover.pack_start(&foot, false, false, 0);
        let look = settings.kept().look;
        dress::put_on(&look, &cover, &entry, &foot);
        let line = Self {
            page,
            cover,
            entry,
            is_composing: Cell::new(false),
            pressed: Cell::default(),
            then: RefCell::default(),
            is_over: Cell::new(false),
        };
        Rc::new(line)
    }

    /// Puts it in front of everything in a window; Esc calls `hide`.
    pub(super) fn lay_over(self: &Rc<Self>, window: &ApplicationWindow, hide: impl Fn() + 'static) {
        self.entry.connect_preedit_changed(clone!(@weak self as line => move |_, preedit| {
            line.composes(!preedit.is_empty());
        }));
        self.entry
            .connect_key_press_event(clone!(@weak self as line => @default-return Propagation::Proceed,
            move |_, event| line.press(event, &hide)));
        // Asked to draw a page that is not there yet, the web engine waits for it, half a second, and holds up the line.
        self.page.connect_draw(
            clone!(@weak self as line => @default-return Propagation::Proceed, move |_, _| {
                if line.is_over.get() { Propagation::Proceed } else { Propagation::Stop }
            }),
        );
        let layers = Overlay::new();
        window.remove(&self.page);
        layers.add(&self.page);
        layers.add_overlay(&self.cover);
        window.add(&layers);
        layers.show_all();
        self.entry.grab_focus();
    }

    /// Calls `then` when the line is on the screen of its person.
    pub(super) fn when_painted(&self, window: &ApplicationWindow, then: impl FnOnce() + 'static) {
        let then = Cell::new(Some(then));
        window.connect_map_event(move |_, _| {
            if let Some(then) = then.take() {
                glib::timeout_add_local_once(PAINTED, then);
            }
            Propagation::Proceed
        });
    }

    /// What is no text; that the field does by itself.
    fn press(&self, event: &EventKey, hide: &impl Fn()) -> Propagation {
        let holds = |one: &ModifierType| event.state().contains(*one);
        let is_command = COMMANDS.iter().any(holds);
        match event.keyval() {
            // It means the half word.
            _ if self.is_composing.get() => return Propagation::Proceed,
            key::Escape => hide(),
            key::Return | key::KP_Enter | key::ISO_Enter if holds(&ModifierType::SHIFT_MASK) => {
                let mut at = self.entry.position();
                self.entry.insert_text("\n", &mut at);
                self.entry.set_position(at);
            }
            key::Return | key::KP_Enter | key::ISO_Enter if !is_command => {
                if !self.entry.text().trim().is_empty() {
                    self.end_with(Pressed::Ask);
                }
            }
            key::Return | key::KP_Enter | key::ISO_Enter if holds(&ModifierType::CONTROL_MASK) => {
                self.end_with(Pressed::ToWindow);
            }
            // Nothing else here may have the focus.
            key::Tab | key::KP_Tab | key::ISO_Left_Tab => {}
            _ => return Propagation::Proceed,
        }
        Propagation::Stop
    }

    /// What comes behind this key belongs to no question yet.
    fn end_with(&self, pressed: Pressed) {
        self.pressed.set(Some(pressed));
        self.entry.set_editable(false);
    }

    fn composes(self: &Rc<Self>, is_composing: bool) {
        self.is_composing.set(is_composing);
        if !is_composing {
            // What it made of the half word comes into the field in the same moment.
            glib::idle_add_local_once(clone!(@strong self as line => move || line.end()));
        }
    }

    /// Gives what is in the field to `then`, and the focus to the page.
    pub(super) fn hand_over(self: Rc<Self>, then: impl FnOnce(Early) + 'static) {
        self.then.replace(Some(Box::new(then)));
        if !self.is_composing.get() {
            self.end();
        } else {
            // It stays until then, with the window that holds its field.
            self.entry.connect_destroy(clone!(@strong self as line => move |_| drop(line.then.take())));
        }
    }

    fn end(&self) {
        if self.is_composing.get() {
            return;
        }
        let Some(then) = self.then.take() else { return };
        self.is_over.set(true);
        self.page.queue_draw();
        self.page.child_focus(DirectionType::TabForward);
        let cover = self.cover.clone();
        // Not before there is the same to be seen below.
        glib::timeout_add_local_once(PAINTED, move || cover.hide());
        then(Early { text: self.entry.text().into(), pressed: self.pressed.get() });
    }
}
