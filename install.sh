#!/bin/sh
# Installs Jamey for the person who runs this: programs, completions, a menu entry, and the search path
# where it lacks them. Linux and macOS; install.ps1 does the same on Windows.
#
# What holds: nothing needs root. Everything is prepared beside its place first and then renamed into it,
# so that a failure leaves what was there. Everything written is in a list, from which --uninstall works
# and an upgrade knows what the new version no longer has. Running it again changes nothing more.
#
# shellcheck disable=SC2016,SC2088 # what other shells shall read is not expanded here
set -eu
umask 022

usage() {
    cat <<'TEXT'
Usage: install.sh [--from WHERE] [--prefix DIR] [--service] [--no-path] [--dry-run]
       install.sh --uninstall [--purge] [--yes] [--dry-run]

Takes the programs from WHERE: a folder that holds them, or a release (.tar.gz). Without --from it takes
the release that lies beside this script, or builds the checkout that this script belongs to.

  --prefix DIR   programs into DIR/bin and the rest into DIR/share, instead of ~/.local/bin and
                 ~/.local/share
  --service      also start Jamey's runtime with every login (jamey-runtime install)
  --no-path      leave the shell's own files alone
  --dry-run      say what would be done, and do nothing
  --uninstall    remove what was installed; sessions, settings and weights stay
  --purge        with --uninstall: remove those too, after asking
  --yes          do not ask
  --help         this text

Run again to upgrade. Ends with 0 when done, 1 when something failed, 2 when it was called wrongly.
TEXT
}

PROGRAMS='jamey jamey-runtime jamey-local-model'
BEGIN='# >>> jamey >>> written by install.sh of Jamey, which takes it out again with --uninstall'
END='# <<< jamey <<<'

say() { printf '%s\n' "$*"; }
warn() { printf 'install.sh: %s\n' "$*" >&2; }
# fail CODE MESSAGE [HINT]
fail() {
    printf 'install.sh: %s\n' "$2" >&2
    [ $# -lt 3 ] || printf 'hint: %s\n' "$3" >&2
    exit "$1"
}

# ---- small tools -----------------------------------------------------------------------------------

# A word that any Bourne shell reads as this text; below the home folder it stays so when that moves.
quoted() {
    case $1 in
    "$HOME"/*[!A-Za-z0-9._/+-]*) ;;
    "$HOME"/*) printf '"$HOME/%s"' "${1#"$HOME"/}" && return ;;
    esac
    case $1 in
    "$HOME"/*) printf '"$HOME"/%s' "$(single "${1#"$HOME"/}")" ;;
    *) single "$1" ;;
    esac
}
single() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }
# The same for fish, which knows two escapes inside quotes.
fish_quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/[\\\\']/\\\\&/g")"; }
# As one types it.
typed() {
    case ${1#"$HOME"} in
    *[!A-Za-z0-9._/+-]*) quoted "$1" ;;
    *) short "$1" ;;
    esac
}
# As people write it.
short() {
    case $1 in
    "$HOME"/*) printf '~/%s' "${1#"$HOME"/}" ;;
    *) printf %s "$1" ;;
    esac
}
reversed() { sed '1!G;h;$!d'; }
# Lines of one kind in a list, without the kind: entries KIND FILE
entries() {
    [ ! -f "$2" ] || sed -n "s/^$1$TAB//p" "$2"
}
TAB=$(printf '\t')
listed() { [ -f "$3" ] && grep -qxF -- "$1$TAB$2" "$3"; }
ends_open() { [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; }

# ---- where things go -------------------------------------------------------------------------------

decide() {
    case ${HOME:-} in
    /*) ;;
    *) fail 1 'HOME is not set to a folder' 'set it to your home folder' ;;
    esac
    case $HOME$prefix${JAMEY_HOME:-}${XDG_DATA_HOME:-} in
    *"$TAB"* | *"
"*) fail 1 'a folder name with a tab or a line break in it cannot be used' 'choose another HOME or --prefix' ;;
    esac
    HOME=${HOME%/}
    [ -d "$HOME" ] || fail 1 "the home folder $HOME is not there" 'set HOME to your home folder'
    if [ -z "$prefix" ] && [ -n "${SUDO_USER:-}" ] && [ "$(id -u)" = 0 ]; then
        fail 2 'this installs for one person, and with sudo that would be root' \
            'leave sudo out, or say where with --prefix'
    fi
    kernel=$(uname -s)
    case $kernel in
    Linux) system=linux ;;
    Darwin) system=macos ;;
    MINGW* | MSYS* | CYGWIN*) fail 1 'this is Windows' 'run install.ps1 in PowerShell' ;;
    *) fail 1 "nobody has tried Jamey on $kernel" 'build it with cargo: cargo build --release' ;;
    esac
    # As the programs themselves decide: a relative value is no value.
    shared=$(absolute "${XDG_DATA_HOME:-}" "$HOME/.local/share")
    settings=$(absolute "${XDG_CONFIG_HOME:-}" "$HOME/.config")
    caches=$(absolute "${XDG_CACHE_HOME:-}" "$HOME/.cache")
    if [ -n "${JAMEY_HOME:-}" ]; then
        case $JAMEY_HOME in
        /*) ;;
        *) fail 2 "JAMEY_HOME is not an absolute path: $JAMEY_HOME" ;;
        esac
        config=$JAMEY_HOME/config data=$JAMEY_HOME/data cache=$JAMEY_HOME/cache
    elif [ $system = macos ]; then
        data="$HOME/Library/Application Support/jamey-code"
        config=$data cache=$HOME/Library/Caches/jamey-code
    else
        config=$settings/jamey-code data=$shared/jamey-code cache=$caches/jamey-code
    fi
    if [ -n "$prefix" ]; then
        bin=$prefix/bin share=$prefix/share
    else
        bin=$HOME/.local/bin share=$shared
    fi
    list=$data/installed.txt
    own=$data/install.sh
}
absolute() {
    case $1 in
    /*) printf %s "${1%/}" ;;
    *) printf %s "$2" ;;
    esac
}

# ---- what to install -------------------------------------------------------------------------------

# Sets `from`, a folder with the programs, and `root`, the folder that has what else belongs to them.
find_programs() {
    machine=$(uname -m)
    [ "$machine" != arm64 ] || machine=aarch64
    if [ -z "$from" ]; then
        if [ -f "$here/bin/jamey" ]; then
            from=$here
        else
            # A release for another system may lie there too.
            set -- "$here"/jamey-*-"$system-$machine".tar.gz
            if [ $# -gt 1 ]; then
                fail 2 "more than one release lies beside this script" 'choose one with --from FILE'
            elif [ -f "$1" ]; then
                from=$1
            elif [ -f "$here/Cargo.toml" ] && [ -d "$here/crates/cli" ]; then
                build
                return
            else
                fail 2 'there is nothing to install beside this script' \
                    "say where the programs are with --from, a folder or a release (jamey-VERSION-$system-$machine.tar.gz)"
            fi
        fi
    fi
    if [ -f "$from" ]; then
        unpack
    elif [ ! -d "$from" ]; then
        fail 2 "there is no $from" '--from takes a folder with the programs, or a release (.tar.gz)'
    fi
    root=$here
    [ ! -d "$from/packaging" ] || root=$from
    [ ! -f "$from/bin/jamey" ] || from=$from/bin
}

unpack() {
    case $from in
    *.tar.gz | *.tgz) ;;
    *) fail 2 "$from is no .tar.gz" '--from takes a folder with the programs, or a release (.tar.gz)' ;;
    esac
    if [ -f "$from.sha256" ]; then
        wanted=$(sed 's/[[:space:]].*//' "$from.sha256")
        if command -v sha256sum >/dev/null; then is=$(sha256sum <"$from"); else is=$(shasum -a 256 <"$from"); fi
        [ "${is%% *}" = "$wanted" ] ||
            fail 1 "$from is damaged: its sum is not the one in $from.sha256" 'fetch it again'
    fi
    mkdir "$work/release"
    tar -xzf "$from" -C "$work/release" 2>"$work/said" ||
        fail 1 "$from cannot be unpacked: $(tail -n 1 "$work/said")" 'fetch it again'
    set -- "$work/release"/*/
    from=${1%/}
}

build() {
    root=$here
    cargo=$(command -v cargo || :)
    [ -n "$cargo" ] || [ ! -x "$HOME/.cargo/bin/cargo" ] || cargo=$HOME/.cargo/bin/cargo
    [ -n "$cargo" ] || fail 1 'building Jamey needs Rust, and there is no cargo here' \
        'get Rust from https://rustup.rs and run this again, or install a built release with --from FILE'
    lacking=
    command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null ||
        lacking="$lacking a C++ compiler,"
    for tool in cmake make; do
        command -v $tool >/dev/null || lacking="$lacking $tool,"
    done
    [ -z "$lacking" ] || fail 1 "building Jamey also needs:${lacking%,}" \
        'install it with your package manager (Debian: apt install g++ make cmake libclang-dev), or take a built release with --from FILE'
    case ${CARGO_TARGET_DIR:-} in
    /*) target=$CARGO_TARGET_DIR ;;
    '') target=$caches/jamey-build/target ;;
    *) target=$PWD/$CARGO_TARGET_DIR ;;
    esac
    from=$target/release
    if [ "$dry" = 1 ]; then
        say "would build $here into $target"
        return
    fi
    say 'Building; the first time takes about ten minutes on two cores.'
    # All of the workspace, as `cargo xtask run` does, so that neither builds again what the other built.
    (cd "$here" && CARGO_TARGET_DIR=$target "$cargo" build --release --locked --workspace --bins) ||
        fail 1 'Jamey could not be built' 'what cargo said is above; nothing was installed'
    build_window
}

# The window, where what it is built with is there.
build_window() {
    if ! command -v npm >/dev/null || ! pkg-config --exists webkit2gtk-4.1 2>/dev/null; then
        [ $system != linux ] || say 'The window is left out: building it takes npm and WebKitGTK (Debian: libwebkit2gtk-4.1-dev).'
        return 0
    fi
    (cd "$here" && npm ci --silent --no-audit --no-fund && npm run --silent build &&
        CARGO_TARGET_DIR=$target "$cargo" build --release --locked --manifest-path src-tauri/Cargo.toml) ||
        warn 'the window could not be built and is left out; what was said is above'
}

check_programs() {
    for program in $PROGRAMS; do
        [ -f "$from/$program" ] || fail 2 "$from has no $program" \
            '--from takes a folder with jamey, jamey-runtime and jamey-local-model, or a release (.tar.gz)'
        plan "$from/$program" "$bin/$program" 755
    done
    # The window draws with the system's web view, which a server need not have; the rest works without.
    has_window=0
    if [ ! -f "$from/jamey-desktop" ]; then :; elif "$from/jamey-desktop" --version </dev/null >"$work/said" 2>&1; then
        has_window=1
        plan "$from/jamey-desktop" "$bin/jamey-desktop" 755
    else
        warn "jamey-desktop does not run here and is left out: $(tail -n 1 "$work/said")"
        [ $system != linux ] || warn 'it needs WebKitGTK (Debian: apt install libwebkit2gtk-4.1-0 libayatana-appindicator3-1)'
    fi
}

# Asks the programs in folder $1, whose names end in $2, whether they run on this machine at all.
try_programs() {
    for program in $PROGRAMS; do
        runs=$1/$program
        [ ! -f "$runs$2" ] || runs=$runs$2
        said=$("$runs" --version 2>&1 </dev/null) || fail 1 "$program does not run here: $said" \
            "it may be for another system than this ($system-$machine), or $(short "$1") may forbid programs; then choose another --prefix"
        case $program:$said in
        jamey:'jamey '*) version=${said#jamey } ;;
        jamey:*) fail 1 "$from/jamey is not Jamey; asked for its version it says: $said" ;;
        esac
    done
    runs=$1/jamey
    [ ! -f "$runs$2" ] || runs=$runs$2
}

# ---- the plan: lines of SOURCE, PLACE and mode in $work/plan -----------------------------------------

plan() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$work/plan"; }

plan_rest() {
    zsh_functions=$share/zsh/site-functions
    for shell in bash zsh fish; do
        "$runs" completions $shell >"$work/completions.$shell" 2>/dev/null ||
            fail 1 "jamey $version makes no completions for $shell" 'take programs and script from one version'
    done
    plan "$work/completions.bash" "$share/bash-completion/completions/jamey" 644
    plan "$work/completions.zsh" "$zsh_functions/_jamey" 644
    plan "$work/completions.fish" "$share/fish/vendor_completions.d/jamey.fish" 644
    if [ $system = linux ]; then
        plan_menu
    fi
    cp "$0" "$work/install.sh"
    plan "$work/install.sh" "$own" 755
    plan_shell
}

plan_menu() {
    menu=$share/applications/jamey.desktop
    opens=$bin/jamey
    [ "$has_window" = 0 ] || opens=$bin/jamey-desktop
    # Quoted as the Desktop Entry Specification asks: for a shell first, then as a string of the file.
    call=$(printf %s "$opens" | sed 's/[\\"`$]/\\&/g; s/\\/\\\\/g; s/%/%%/g')
    try=$(printf %s "$opens" | sed 's/\\/\\\\/g')
    cat >"$work/desktop" <<TEXT
[Desktop Entry]
Type=Application
Version=1.1
Name=Jamey
GenericName=AI Assistant
Comment=Ask an assistant that lives on this computer
TryExec=$try
Icon=jamey
Categories=Utility;
Keywords=ai;assistant;chat;
TEXT
    if [ "$has_window" = 0 ]; then
        say "Exec=\"$call\" chat
Terminal=true" >>"$work/desktop"
    else
        say "Exec=\"$call\" %u
Terminal=false
StartupNotify=true
MimeType=x-scheme-handler/jamey;
Actions=quick;

[Desktop Action quick]
Name=Quick prompt
Exec=\"$call\" --quick" >>"$work/desktop"
    fi
    plan "$work/desktop" "$menu" 644
    icons=$root/packaging/icons
    if [ -f "$icons/jamey.svg" ]; then
        plan "$icons/jamey.svg" "$share/icons/hicolor/scalable/apps/jamey.svg" 644
        plan "$icons/jamey-256.png" "$share/icons/hicolor/256x256/apps/jamey.png" 644
    else
        warn "no icon lies beside the programs ($icons); the menu entry has none"
    fi
}

# Decides which file of the login shell gets lines: `rc` and $work/block; for fish, a file of our own.
plan_shell() {
    rc='' reach=1
    case ":$PATH:" in
    *":$bin:"*) reach=0 ;;
    esac
    own_fish=$settings/fish/conf.d/jamey.fish
    is_fish=0
    if [ "$no_path" = 0 ]; then
        case $bin in
        *:*) warn "$bin cannot be on the search path, since its name has a colon" ;;
        *) choose_rc ;;
        esac
    fi
    # What an earlier run wrote is kept true, whatever this one would choose.
    if [ -z "$rc" ]; then
        rc=$(for kind in lines joined made; do entries $kind "$list"; done | head -n 1)
        if ! has_block "$rc"; then rc=; fi
    fi
    if [ $is_fish = 1 ] || listed file "$own_fish" "$list"; then
        is_fish=1
        word=$(fish_quoted "$bin")
        printf 'contains -- %s $PATH; or set -gx PATH %s $PATH\n' "$word" "$word" >"$work/path.fish"
        plan "$work/path.fish" "$own_fish" 644
    fi
    [ -n "$rc" ] || return 0
    make_block
    if [ -e "$rc" ] && { [ -d "$rc" ] || [ ! -w "$rc" ]; }; then
        warn "$(short "$rc") cannot be written; to find jamey, put this into it: PATH=$word:\$PATH"
        rc=
    elif ! whole_block "$rc"; then
        warn "$(short "$rc") has only half of Jamey's lines (a marker is missing) and is left alone"
        rc=
    fi
}

choose_rc() {
    case ${SHELL:-sh} in
    */fish) is_fish=$reach && return ;;
    */zsh) rc=${ZDOTDIR:-$HOME}/.zshrc && return ;; # completions need lines there in any case
    */bash)
        rc=$HOME/.bashrc
        if [ $system = macos ]; then
            # Its terminals open login shells, which read the first of these that is there.
            for rc in "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.profile"; do
                [ ! -f "$rc" ] || break
            done
            [ -f "$rc" ] || rc=$HOME/.bash_profile
        fi
        ;;
    *) rc=$HOME/.profile ;;
    esac
    if [ $reach = 0 ] && ! has_block "$rc"; then rc=; fi
}

make_block() {
    word=$(quoted "$bin")
    {
        say "$BEGIN"
        say "case \":\$PATH:\" in *:$word:*) ;; *) PATH=$word:\$PATH; export PATH ;; esac"
        case $rc in
        */.zshrc)
            say "fpath=($(quoted "$zsh_functions") \$fpath)"
            say 'autoload -Uz _jamey'
            # The person's own compinit may have been before these lines or may come after them.
            say 'if (( $+functions[compdef] )); then compdef _jamey jamey; fi'
            ;;
        esac
        say "$END"
    } >"$work/block"
}

has_block() { [ -f "$1" ] && grep -q '^# >>> jamey >>>' "$1"; }
# Whether each begin in it has an end, so that cutting takes out nothing else.
whole_block() {
    [ -f "$1" ] || return 0
    awk '/^# >>> jamey >>>/ { if (open) bad = 1; open = 1 }
         /^# <<< jamey <<</ { if (!open) bad = 1; open = 0 }
         END { exit bad || open }' "$1"
}
without_block() {
    awk '/^# >>> jamey >>>/ { skip = 1 }
         !skip { print }
         /^# <<< jamey <<</ { skip = 0 }' "$1"
}

# ---- writing ---------------------------------------------------------------------------------------

# Makes a folder and what leads to it; notes each one that was not there.
make_folder() {
    [ ! -d "$1" ] || return 0
    make_folder "$(dirname "$1")" || return 1
    if [ "$1" = "$data" ]; then
        mkdir -m 700 "$1" || return 1
    else
        mkdir "$1" || return 1
    fi
    printf 'folder\t%s\n' "$1" >>"$work/made"
}

# Puts what is planned beside its place. Whatever goes wrong from here on is undone by `clean_up`.
stage() {
    while IFS=$TAB read -r source place mode; do
        if [ -d "$place" ]; then
            fail 1 "$place is a folder, and a file belongs there" 'move it away, or choose another --prefix'
        fi
        if [ -f "$place" ] && [ ! -h "$place" ] && cmp -s "$source" "$place"; then
            continue
        fi
        case $place in
        "$bin"/*)
            is_ours "$place" || fail 1 "$place is there and is not Jamey's" \
                'move it away, or choose another --prefix'
            changed=1
            ;;
        esac
        make_folder "$(dirname "$place")" 2>"$work/said" || cannot "$(dirname "$place")"
        printf '%s\n' "$place" >>"$work/staged"
        { cp "$source" "$place.jamey-new" && chmod "$mode" "$place.jamey-new"; } 2>"$work/said" ||
            cannot "$(dirname "$place")"
    done <"$1"
}
is_ours() {
    [ -e "$1" ] || return 0
    ! listed file "$1" "$list" || return 0
    case $("$1" --version 2>/dev/null </dev/null || :) in
    jamey*) ;;
    *) return 1 ;;
    esac
}
cannot() {
    why=$(tail -n 1 "$work/said")
    case $1 in
    "$bin"*) way='choose a folder that you may write to: --prefix DIR' ;;
    *) way='look at its permissions and at the free space of its disk, or set XDG_DATA_HOME to another folder' ;;
    esac
    fail 1 "$(short "$1") cannot be written, so nothing was installed (${why##*: })" "$way"
}

# The list of what this version has. `old` adds what only the one before had.
write_list() {
    {
        say '# What Jamey installed; install.sh --uninstall removes exactly this.'
        printf 'version\t%s\n' "$version"
        { entries folder "$work/before" | sed "s/^/folder$TAB/" && cat "$work/made"; } | awk '!seen[$0]++' |
            while IFS=$TAB read -r kind folder; do
                [ ! -d "$folder" ] || printf '%s\t%s\n' "$kind" "$folder"
            done
        awk -F "$TAB" '{ print "file\t" $2 }' "$work/plan"
        [ -z "$rc" ] || printf '%s\t%s\n' "$rc_kind" "$rc"
        [ "$served" = 0 ] || printf 'service\tjamey-runtime\n'
        [ "${1:-}" != old ] || stale
    } >"$list.jamey-new"
    mv -f "$list.jamey-new" "$list"
}
# What the version before had and this one has not.
stale() {
    entries file "$work/before" | while IFS= read -r place; do
        cut -f 2 "$work/plan" | grep -qxF -- "$place" || printf 'file\t%s\n' "$place"
    done
    for kind in lines joined made; do
        entries $kind "$work/before" | while IFS= read -r place; do
            [ "$place" = "$rc" ] || printf '%s\t%s\n' $kind "$place"
        done
    done
}

commit() {
    served=$service
    [ -z "$(entries service "$list")" ] || served=1
    if [ -f "$list" ]; then cp "$list" "$work/before"; else : >"$work/before"; fi
    # How the shell's file was before us: not there, without an end of its last line, or ordinary.
    rc_kind=lines
    if [ -n "$rc" ]; then
        for kind in made joined; do
            if listed $kind "$rc" "$work/before"; then rc_kind=$kind; fi
        done
        if ! has_block "$rc"; then
            rc_kind=lines
            if [ ! -e "$rc" ]; then rc_kind=made; elif ends_open "$rc"; then rc_kind=joined; fi
        fi
        make_folder "$(dirname "$rc")"
    fi
    # First the list, so that even a half done installation can be removed.
    write_list old
    while IFS= read -r place; do
        mv -f "$place.jamey-new" "$place"
    done <"$work/staged"
    : >"$work/staged"
    [ -z "$rc" ] || write_block
    stale >"$work/stale"
    remove_listed "$work/stale"
    entries folder "$work/before" | reversed | while IFS= read -r folder; do
        rmdir "$folder" 2>/dev/null || :
    done
    write_list
    if [ -f "$share/icons/hicolor/icon-theme.cache" ]; then touch "$share/icons/hicolor"; fi
}

write_block() {
    [ -f "$rc" ] || : >"$rc"
    if has_block "$rc"; then
        without_block "$rc" >"$work/rc"
        # Nothing to do when the same lines stand at the same place.
        awk '/^# >>> jamey >>>/ { on = 1 } on { print } /^# <<< jamey <<</ { on = 0 }' "$rc" >"$work/there"
        if cmp -s "$work/there" "$work/block"; then return 0; fi
        cat "$work/block" >>"$work/rc"
        replace "$work/rc" "$rc"
    else
        if ends_open "$rc"; then echo >>"$rc"; fi
        cat "$work/block" >>"$rc"
    fi
}
# Puts the text of $1 into $2, which keeps its mode; what a link leads to is written through it.
replace() {
    if [ -h "$2" ]; then
        cat "$1" >"$2"
    else
        cp -p "$2" "$2.jamey-new"
        cat "$1" >"$2.jamey-new"
        mv -f "$2.jamey-new" "$2"
    fi
}

# Removes the files and lines of a list, nothing else. What a person has put in the place of a file
# (a folder, say) stays.
remove_listed() {
    entries file "$1" | while IFS= read -r place; do
        if [ -f "$place" ] || [ -h "$place" ]; then rm -f "$place" || warn "$place could not be removed"; fi
    done
    for kind in lines joined made; do
        entries $kind "$1" | while IFS= read -r place; do
            has_block "$place" || continue
            whole_block "$place" || {
                warn "$(short "$place") has only half of Jamey's lines and is left alone"
                continue
            }
            without_block "$place" >"$work/rc"
            # Only where ours were the last lines: what was written after them needs the line's end.
            if [ $kind = joined ] && [ "$(tail -n 1 "$place")" = "$END" ]; then
                printf %s "$(cat "$work/rc")" >"$work/rc.open"
                mv "$work/rc.open" "$work/rc"
            elif ends_open "$place" && [ -s "$work/rc" ]; then
                printf %s "$(cat "$work/rc")" >"$work/rc.open"
                mv "$work/rc.open" "$work/rc"
            fi
            if [ $kind = made ] && [ ! -s "$work/rc" ]; then rm -f "$place"; else replace "$work/rc" "$place"; fi
        done
    done
}

# shellcheck disable=SC2317
clean_up() {
    code=$?
    trap - EXIT
    [ -n "${work:-}" ] || exit "$code"
    if [ -f "$work/staged" ]; then
        while IFS= read -r place; do rm -f "$place.jamey-new"; done <"$work/staged"
        rm -f "$list.jamey-new"
        # Folders that were made for nothing.
        reversed <"$work/made" | while IFS=$TAB read -r _ folder; do rmdir "$folder" 2>/dev/null || :; done
    fi
    rm -rf "$work"
    exit "$code"
}

# ---- afterwards ------------------------------------------------------------------------------------

# A runtime of the version before goes on until it has nothing to do.
renew_runtime() {
    renewed=
    [ $changed = 1 ] || return 0
    status=$("$bin/jamey" runtime status --json 2>/dev/null) || return 0
    busy=$(printf '%s' "$status" | tr -d ' \n' | tr ',' '\n' | sed -n 's/^"running":\([0-9]*\)$/\1/p' | head -n 1)
    if [ "$busy" = 0 ] && "$bin/jamey" runtime restart --quiet >/dev/null 2>"$work/said"; then
        renewed='restarted with the new version'
    else
        renewed='still the version before, since it is at work; when that is done: jamey runtime restart'
    fi
}

set_up_service() {
    [ "$service" = 1 ] || return 0
    say
    "$bin/jamey-runtime" install || fail 1 'the programs are installed, but not the service' \
        "what went wrong is above; try again with: $(typed "$bin/jamey-runtime") install"
}

summary() {
    say "Jamey $version is installed${before:+ (it was ${before})}."
    say
    window=
    [ "$has_window" = 0 ] || window=', jamey-desktop'
    say "  programs      $(short "$bin"): jamey, jamey-runtime, jamey-local-model$window"
    say "  completions   for bash, zsh and fish, below $(short "$share")"
    [ $system != linux ] || say "  menu entry    $(short "$menu"), and its icon"
    if [ -n "$rc" ]; then
        say "  shell         lines between markers in $(short "$rc")"
    elif [ $is_fish = 1 ]; then
        say "  shell         $(short "$own_fish")"
    fi
    say "  list          $(short "$list")"
    [ -z "$renewed" ] || say "  runtime       $renewed"
    say
    if [ $reach = 1 ]; then
        if [ -n "$rc" ] || [ $is_fish = 1 ]; then
            say "Begin in a new terminal:  jamey chat"
        else
            say "Begin:                    $(typed "$bin/jamey") chat"
            say "                          ($(short "$bin") is not on your search path)"
        fi
    else
        say "Begin:                    jamey chat"
    fi
    say "Undo:                     sh $(typed "$own") --uninstall"
}

# ---- the two commands ------------------------------------------------------------------------------

install() {
    find_programs
    if [ "$dry" = 1 ]; then
        rehearse
        return 0
    fi
    check_programs
    stage "$work/plan"
    try_programs "$bin" .jamey-new
    cp "$work/plan" "$work/programs" && : >"$work/plan"
    plan_rest
    stage "$work/plan"
    cat "$work/programs" >>"$work/plan"
    make_folder "$data" 2>"$work/said" || cannot "$data"
    cp "$work/plan" "$list.jamey-new" 2>"$work/said" || cannot "$data"
    before=$(entries version "$list")
    [ "$before" != "$version" ] || before=
    commit
    renew_runtime
    summary
    set_up_service
}

rehearse() {
    if [ ! -f "$from/jamey" ]; then
        say "then would put $PROGRAMS into $(short "$bin")"
        return 0
    fi
    check_programs
    try_programs "$from" ''
    plan_rest
    say "would install Jamey $version:"
    while IFS=$TAB read -r source place _; do
        if cmp -s "$source" "$place"; then say "  same   $place"; else say "  write  $place"; fi
    done <"$work/plan"
    if [ -z "$rc" ]; then :; elif has_block "$rc"; then say "  same   lines in $rc"; else say "  write  lines into $rc"; fi
    say "  write  $list"
    [ "$service" = 0 ] || say '  run    jamey-runtime install'
}

uninstall() {
    purged=
    if [ "$purge" = 1 ]; then
        for folder in "$config" "$data" "$cache"; do
            case $purged in
            *"$folder
"*) continue ;;
            esac
            [ ! -d "$folder" ] || purged="$purged$folder
"
        done
        if [ -n "$purged" ] && [ "$dry" = 0 ]; then ask_purge; fi
    fi
    if [ ! -f "$list" ]; then
        [ -n "$purged" ] || fail 1 "nothing is installed, as far as $(short "$list") tells: it is not there" \
            'if JAMEY_HOME or XDG_DATA_HOME was set then, set it now'
    fi
    if [ "$dry" = 1 ]; then
        say 'would remove:'
        entries file "$list" | sed 's/^/  /'
        for kind in lines joined made; do entries $kind "$list" | sed 's/^/  lines in /'; done
        [ -z "$(entries service "$list")" ] || say '  the service'
        say "  $list"
        printf %s "$purged" | sed 's/^/  everything in /'
        return 0
    fi
    if [ -f "$list" ]; then
        version=$(entries version "$list")
        entries file "$list" >"$work/files"
        program=$(grep '/jamey$' "$work/files" | grep -v completions | head -n 1 || :)
        if [ -x "$program" ]; then end_runtime "$program"; fi
        remove_listed "$list"
        entries folder "$list" | reversed >"$work/folders"
        rm -f "$list"
        while IFS= read -r folder; do
            rmdir "$folder" 2>/dev/null || :
        done <"$work/folders"
    fi
    printf %s "$purged" >"$work/purged"
    while IFS= read -r folder; do
        # Never through a link, and never a folder of another name.
        case $folder in
        */jamey-code | "${JAMEY_HOME:-/nowhere}"/config | "${JAMEY_HOME:-/nowhere}"/data | "${JAMEY_HOME:-/nowhere}"/cache)
            [ -h "$folder" ] || rm -rf "$folder" || warn "$folder could not be removed"
            ;;
        esac
    done <"$work/purged"
    say "Jamey${version:+ $version} is removed."
    if [ "$purge" = 1 ]; then
        say "Sessions, settings and weights are removed."
    else
        for folder in "$config" "$data"; do
            [ ! -d "$folder" ] || say "Left: $(short "$folder")"
        done
    fi
}

ask_purge() {
    [ "$yes" = 0 ] || return 0
    say 'This removes all sessions, settings, keys and local models:'
    printf %s "$purged" | sed 's/^/  /'
    [ -t 0 ] || fail 2 'this cannot be taken back, and nobody is here to say yes' 'add --yes'
    printf 'Remove them? [y/N] '
    read -r answer || answer=
    case $answer in
    y | Y | yes | Yes) ;;
    *) fail 1 'nothing was removed' ;;
    esac
}

end_runtime() {
    beside=$(dirname "$1")/jamey-runtime
    if [ -n "$(entries service "$list")" ] && [ -x "$beside" ]; then
        "$beside" uninstall || warn 'the service could not be removed; see what jamey-runtime said'
    fi
    "$1" runtime stop --quiet >/dev/null 2>"$work/said" || {
        warn "the runtime could not be ended: $(tail -n 1 "$work/said")"
    }
}

main() {
    from='' prefix='' service=0 no_path=0 dry=0 remove=0 purge=0 yes=0
    while [ $# -gt 0 ]; do
        case $1 in
        --from | --prefix)
            [ -n "${2:-}" ] || fail 2 "$1 needs a value" 'see install.sh --help'
            case $2 in
            /*) value=$2 ;;
            *) value=$PWD/$2 ;;
            esac
            if [ "$1" = --from ]; then from=${value%/}; else prefix=${value%/}; fi
            shift
            ;;
        --service) service=1 ;;
        --no-path) no_path=1 ;;
        --dry-run) dry=1 ;;
        --uninstall) remove=1 ;;
        --purge) purge=1 ;;
        -y | --yes) yes=1 ;;
        -h | --help) usage && exit 0 ;;
        *) fail 2 "there is no $1" 'see install.sh --help' ;;
        esac
        shift
    done
    [ $remove = 1 ] || [ $purge = 0 ] || fail 2 '--purge belongs to --uninstall'
    here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
    decide
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    work=$(mktemp -d "${TMPDIR:-/tmp}/jamey-install.XXXXXX") ||
        fail 1 'no temporary folder can be made' 'free some space, or set TMPDIR to a folder that you may write to'
    changed=0
    for file in plan made staged; do : >"$work/$file"; done
    if [ $remove = 1 ]; then uninstall; else install; fi
}

main "$@"
exit
