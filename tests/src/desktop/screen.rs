//! An X server, a session bus, a window manager and a panel with a tray.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::{Duration, Instant},
};

use crate::{Home, wait};

/// Screens of this process.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Desktops start slowly on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The panel: a list of windows and the tray. Without a file of its own it would ask how to begin.
const PANEL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array"><value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=8;x=640;y=785"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="30"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/><value type="int" value="2"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="tasklist"/>
    <property name="plugin-2" type="string" value="systray"/>
  </property>
</channel>
"#;

/// A bus that starts nothing but the settings that the window manager reads: no notifications, no keychain.
const POOR_BUS: &str = r#"<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<servicedir>SERVICES</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
"#;
const SETTINGS_SERVICE: &str = "org.xfce.Xfconf.service";

/// What the desktop offers besides windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// A panel that shows tray icons.
    Shown,
    /// No panel.
    Absent,
    /// No panel, and nobody who shows notifications or keeps secrets.
    Poor,
}

/// A desktop. When it is dropped, all of it ends.
pub struct Screen {
    children: Vec<Child>,
    environment: Vec<(&'static str, String)>,
}

impl Screen {
    /// Starts one for this home and waits until it can be used.
    ///
    /// # Panics
    /// When a program for it is not installed or does not come up.
    #[must_use]
    pub fn begin(home: &Home, panel: Panel) -> Self {
        let run = home.path().join("xdg");
        fs::create_dir_all(&run).unwrap();
        fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).unwrap();
        let settings = home.path().join(".config/xfce4/xfconf/xfce-perchannel-xml");
        fs::create_dir_all(&settings).unwrap();
        fs::write(settings.join("xfce4-panel.xml"), PANEL).unwrap();
        let mut screen = Self { children: Vec::new(), environment: Vec::new() };
        screen.environment.push(("XDG_RUNTIME_DIR", run.display().to_string()));
        screen.environment.push(("XDG_SESSION_TYPE", "x11".to_owned()));
        screen.environment.push(("XDG_CURRENT_DESKTOP", "XFCE".to_owned()));
        // Without a graphics processor the engine would try, and say so.
        screen.environment.push(("LIBGL_ALWAYS_SOFTWARE", "1".to_owned()));
        // A number of our own: two servers that look for a free one at the same time take each other's socket.
        let number = format!(":{}", 100 + (std::process::id() * 16 + COUNT.fetch_add(1, Relaxed)) % 50_000);
        // Without `-noreset` it begins anew when its last client leaves, and closes the door to one that comes then.
        let size = "1280x800x24";
        let xvfb = [&number, "-displayfd", "1", "-noreset", "-screen", "0", size, "-nolisten", "tcp"];
        let display = screen.first_line(home, "Xvfb", &xvfb);
        screen.environment.push(("DISPLAY", format!(":{display}")));
        let config = match panel {
            Panel::Poor => format!("--config-file={}", poor_bus(home)),
            Panel::Shown | Panel::Absent => "--session".to_owned(),
        };
        let bus = screen.first_line(home, "dbus-daemon", &[&config, "--nofork", "--print-address"]);
        screen.environment.push(("DBUS_SESSION_BUS_ADDRESS", bus));
        screen.start(home, "xfwm4", &["--compositor=off"]);
        screen.comes_up(home, "xfwm4", || screen.has_window_manager(home));
        if panel == Panel::Shown {
            screen.start(home, "xfce4-panel", &["--disable-wm-check"]);
            screen.comes_up(home, "xfce4-panel", || screen.has_tray_host(home));
        }
        screen
    }

    /// For programs that are started from now on there is no bus.
    pub fn lose_bus(&mut self) {
        for (name, value) in &mut self.environment {
            if *name == "DBUS_SESSION_BUS_ADDRESS" {
                value.push_str("-gone");
            }
        }
    }

    /// Where the session's bus is.
    ///
    /// # Panics
    /// Never: every screen has one.
    #[must_use]
    pub fn bus(&self) -> &str {
        let found = self.environment.iter().find(|(name, _)| *name == "DBUS_SESSION_BUS_ADDRESS");
        found.map(|(_, address)| address.as_str()).unwrap()
    }

    /// Waits for a program; what it said is told when it waits in vain.
    fn comes_up(&self, home: &Home, program: &str, is_there: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_there() {
            if began.elapsed() > PATIENCE {
                let said = |of: &str| fs::read_to_string(home.path().join(of)).unwrap_or_default();
                let log = said(&format!("{program}.log"));
                panic!("{program} did not come up: {log}\n{}\n{}", said("Xvfb.log"), said("dbus-daemon.log"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn has_window_manager(&self, home: &Home) -> bool {
        self.output(home, "xprop", &["-root", "_NET_SUPPORTING_WM_CHECK"]).contains("0x")
    }

    fn has_tray_host(&self, home: &Home) -> bool {
        let names = [
            "call",
            "--session",
            "--dest=org.freedesktop.DBus",
            "--object-path=/org/freedesktop/DBus",
            "--method=org.freedesktop.DBus.NameHasOwner",
            "org.kde.StatusNotifierWatcher",
        ];
        self.output(home, "gdbus", &names).contains("true")
    }

    /// A program on this desktop.
    #[must_use]
    pub fn command(&self, home: &Home, program: &str) -> Command {
        let mut command = home.dress(Command::new(program));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// What a program prints.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn output(&self, home: &Home, program: &str, arguments: &[&str]) -> String {
        let output = self.command(home, "timeout").arg("20").arg(program).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What programs had the notification service show until now.
    #[must_use]
    pub fn notified(&self, home: &Home) -> String {
        fs::read_to_string(home.path().join("dbus-monitor.log")).unwrap_or_default()
    }

    /// Begins to note what is shown as a notification. The service itself is the desktop's, started by the bus.
    ///
    /// # Panics
    /// When the bus cannot be listened to.
    pub fn note_notifications(&mut self, home: &Home) {
        let member = "interface='org.freedesktop.Notifications',member='Notify'";
        self.start(home, "dbus-monitor", &["--session", member]);
        wait::until_within(PATIENCE, "the bus to be listened to", || {
            self.notified(home).contains("NameAcquired").then_some(())
        });
    }

    /// Selects a text, as if it were marked with the mouse in another program.
    pub fn select(&mut self, home: &Home, text: &str) {
        let file = home.path().join("selected");
        fs::write(&file, text).unwrap();
        let file = file.display().to_string();
        self.start(home, "xclip", &["-quiet", "-loops", "0", "-selection", "primary", "-in", &file]);
        let asked = ["-o", "-selection", "primary"];
        wait::until_within(PATIENCE, "the selection", || {
            (self.output(home, "xclip", &asked) == text).then_some(())
        });
    }

    /// Types or clicks.
    pub fn xdotool(&self, home: &Home, arguments: &[&str]) {
        let _ = self.output(home, "xdotool", arguments);
    }

    /// The windows with this in their title that can be seen.
    #[must_use]
    pub fn windows(&self, home: &Home, title: &str) -> Vec<String> {
        let found = self.output(home, "xdotool", &["search", "--onlyvisible", "--name", title]);
        found.lines().map(str::to_owned).collect()
    }

    /// Whether the window that has the focus has this in its title.
    #[must_use]
    pub fn is_in_front(&self, home: &Home, title: &str) -> bool {
        let focused = self.output(home, "xdotool", &["getactivewindow"]);
        self.windows(home, title).iter().any(|window| window == focused.trim())
    }

    /// Puts a window of another program in front, as one that a person works in, and waits until it has the focus.
    pub fn work_elsewhere(&mut self, home: &Home) {
        const TITLE: &str = "Another program";
        if self.windows(home, TITLE).is_empty() {
            self.start(home, "xmessage", &["-title", TITLE, TITLE]);
        }
        wait::until_within(PATIENCE, "another program in front", || {
            self.xdotool(home, &["search", "--onlyvisible", "--name", TITLE, "windowactivate"]);
            self.is_in_front(home, TITLE).then_some(())
        });
    }

    /// Where a window is and how large, as lines `X=`, `Y=`, `WIDTH=`, `HEIGHT=`.
    #[must_use]
    pub fn place(&self, home: &Home, window: &str) -> String {
        let told = self.output(home, "xdotool", &["getwindowgeometry", "--shell", window]);
        let is_place =
            |line: &&str| ["X=", "Y=", "WIDTH=", "HEIGHT="].iter().any(|name| line.starts_with(name));
        told.lines().filter(is_place).collect::<Vec<_>>().join("\n")
    }

    /// Puts all windows out of sight, as a key of many desktops does, and waits until they are.
    pub fn hide_all(&self, home: &Home) {
        let _ = self.output(home, "wmctrl", &["-k", "on"]);
        wait::until("the windows to be out of sight", || {
            self.windows(home, "Jamey").is_empty().then_some(())
        });
    }

    /// Brings them back.
    pub fn show_all(&self, home: &Home) {
        let _ = self.output(home, "wmctrl", &["-k", "off"]);
    }

    /// Keeps what is on the screen as a picture.
    pub fn picture(&self, home: &Home, file: &str) {
        let _ = self.output(home, "import", &["-window", "root", file]);
    }

    fn start(&mut self, home: &Home, program: &str, arguments: &[&str]) {
        let log = fs::File::create(home.path().join(format!("{program}.log"))).unwrap();
        let mut command = self.command(home, program);
        command.args(arguments).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.children.push(command.spawn().unwrap_or_else(|error| panic!("{program}: {error}")));
    }

    fn first_line(&mut self, home: &Home, program: &str, arguments: &[&str]) -> String {
        let log = fs::File::create(home.path().join(format!("{program}.log"))).unwrap();
        let mut command = self.command(home, program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{program}: {error}"));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.children.push(child);
        assert!(!line.trim().is_empty(), "{program} did not come up");
        line.trim().to_owned()
    }
}

fn poor_bus(home: &Home) -> String {
    let services = home.path().join("services");
    fs::create_dir_all(&services).unwrap();
    let kept = services.join(SETTINGS_SERVICE);
    fs::copy(format!("/usr/share/dbus-1/services/{SETTINGS_SERVICE}"), kept).unwrap();
    let config = home.path().join("bus.conf");
    fs::write(&config, POOR_BUS.replace("SERVICES", &services.display().to_string())).unwrap();
    config.display().to_string()
}

impl Drop for Screen {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
