//! The tray's menu, read and chosen from over the bus as a panel does it.

use super::Screen;
use crate::{Home, wait};

/// The menu of the one icon in the tray.
pub struct Tray<'a> {
    screen: &'a Screen,
    home: &'a Home,
    owner: String,
    item: String,
    menu: String,
}

impl<'a> Tray<'a> {
    /// Waits for the icon.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn find(screen: &'a Screen, home: &'a Home) -> Self {
        wait::until("an icon in the tray", || Self::look(screen, home))
    }

    /// The icon, if there is one now.
    #[must_use]
    pub fn look(screen: &'a Screen, home: &'a Home) -> Option<Self> {
        let watcher = ["org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"];
        let items =
            get(screen, home, watcher, ["org.kde.StatusNotifierWatcher", "RegisteredStatusNotifierItems"]);
        let item = items.split('\'').find(|word| word.starts_with(':'))?.to_owned();
        let (owner, path) = item.split_at(item.find('/')?);
        let menu = get(screen, home, [owner, path], ["org.kde.StatusNotifierItem", "Menu"]);
        let menu = menu.split('\'').find(|word| word.starts_with('/'))?.to_owned();
        Some(Self { screen, home, owner: owner.to_owned(), item: path.to_owned(), menu })
    }

    /// The menu as the bus writes it.
    #[must_use]
    pub fn text(&self) -> String {
        self.call("GetLayout", &["0", "-1", "[]"])
    }

    /// Waits until a line of the menu holds `part`.
    ///
    /// # Panics
    /// When none does.
    pub fn expect(&self, part: &str) {
        wait::until(&format!("the tray to say {part:?}"), || self.text().contains(part).then_some(()));
    }

    /// The bytes of the picture that the icon shows now.
    ///
    /// # Panics
    /// When it has none.
    #[must_use]
    pub fn icon(&self) -> Vec<u8> {
        let item = ["org.kde.StatusNotifierItem", "IconName"];
        // The file goes with its picture, so between its name and its bytes there may be another one.
        wait::until("the icon's picture", || {
            let name = get(self.screen, self.home, [&self.owner, &self.item], item);
            let file = name.split('\'').find(|word| word.starts_with('/'))?;
            std::fs::read(file).or_else(|_| std::fs::read(format!("{file}.png"))).ok()
        })
    }

    /// Waits until the icon differs from this one.
    ///
    /// # Panics
    /// When it does not change.
    #[must_use]
    pub fn other_icon(&self, than: &[u8]) -> Vec<u8> {
        wait::until("another icon", || Some(self.icon()).filter(|icon| icon != than))
    }

    /// Chooses the line with this text.
    ///
    /// # Panics
    /// When there is none.
    pub fn choose(&self, label: &str) {
        let text = self.text();
        let at =
            text.find(&format!("'label': <'{label}'>")).unwrap_or_else(|| panic!("no {label:?} in {text}"));
        // A node is written as (ID, {PROPERTIES}, [CHILDREN]).
        let opened = text[..at].rfind(", {").unwrap();
        let id: String = text[..opened].chars().rev().take_while(char::is_ascii_digit).collect();
        let id: String = id.chars().rev().collect();
        let _ = self.call("Event", &[&id, "clicked", "<''>", "0"]);
    }

    fn call(&self, method: &str, arguments: &[&str]) -> String {
        let (dest, path) = (format!("--dest={}", self.owner), format!("--object-path={}", self.menu));
        let method = format!("--method=com.canonical.dbusmenu.{method}");
        // What follows may look like an option: -1, say.
        let mut all = vec!["call", "--session", &dest, &path, &method, "--"];
        all.extend(arguments);
        self.screen.output(self.home, "gdbus", &all)
    }
}

fn get(screen: &Screen, home: &Home, [owner, path]: [&str; 2], [interface, name]: [&str; 2]) -> String {
    let (dest, path) = (format!("--dest={owner}"), format!("--object-path={path}"));
    let method = "--method=org.freedesktop.DBus.Properties.Get";
    screen.output(home, "gdbus", &["call", "--session", &dest, &path, method, interface, name])
}
