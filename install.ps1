<#
.SYNOPSIS
Installs Jamey for the person who runs this: programs and window, search path, completions, a Start menu entry.

.DESCRIPTION
Windows only; install.sh does the same on Linux and macOS. Nothing needs an administrator. Everything that
is written is in a list, from which -Uninstall works and an upgrade knows what the new version no longer
has. Running it again changes nothing more. A program that runs is renamed away, never overwritten.

Takes the programs from -From: a folder that holds them, or a release (.zip). Without it takes the release
that lies beside this script, or builds the checkout that this script belongs to.

Ends with 0 when done, 1 when something failed, 2 when it was called wrongly.

.PARAMETER From
A folder with the programs, or a release (.zip).
.PARAMETER Prefix
The folder for the programs, instead of %LOCALAPPDATA%\Programs\Jamey.
.PARAMETER Service
Also start Jamey's runtime with every log-on, without an administrator (jamey-runtime install).
.PARAMETER NoPath
Leave the search path and the PowerShell profile alone.
.PARAMETER DryRun
Say what would be done, and do nothing.
.PARAMETER Uninstall
Remove what was installed; sessions, settings and weights stay.
.PARAMETER Purge
With -Uninstall: remove those too, after asking.
.PARAMETER Yes
Do not ask.
.PARAMETER Help
Show this text.

.EXAMPLE
powershell -ExecutionPolicy Bypass -File install.ps1
.EXAMPLE
powershell -ExecutionPolicy Bypass -File install.ps1 -Uninstall
#>
[CmdletBinding()]
param(
    [string] $From = '',
    [string] $Prefix = '',
    [switch] $Service,
    [switch] $NoPath,
    [switch] $DryRun,
    [switch] $Uninstall,
    [switch] $Purge,
    [switch] $Yes,
    [switch] $Help
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
# Its bar makes copying many times slower in Windows PowerShell.
$ProgressPreference = 'SilentlyContinue'

$Programs = @('jamey.exe', 'jamey-runtime.exe', 'jamey-keeper.exe', 'jamey-local-model.exe')
# The window, which draws with the system's web view, and what that is loaded with. The rest works without.
$Window = 'jamey-desktop.exe'
$Loader = 'WebView2Loader.dll'
$Begin = '# >>> jamey >>> written by install.ps1 of Jamey, which takes it out again with -Uninstall'
$End = '# <<< jamey <<<'
$Apps = 'Software\Microsoft\Windows\CurrentVersion\Uninstall\Jamey'
# Links that show a session: jamey://session/ID.
$Links = 'Software\Classes\jamey'

function Stop-Here([int] $Code, [string] $Message, [string] $Hint = '') {
    [Console]::Error.WriteLine("install.ps1: $Message")
    if ($Hint -ne '') { [Console]::Error.WriteLine("hint: $Hint") }
    exit $Code
}

function Write-Warn([string] $Message) { [Console]::Error.WriteLine("install.ps1: $Message") }

# Runs a program of ours. What it says on standard error is no error of this script.
function Invoke-Program([string] $Path, [string[]] $Words) {
    $ErrorActionPreference = 'Continue'
    try {
        $said = & $Path @Words 2>$null
        return @{ Code = $LASTEXITCODE; Text = ($said -join "`n") }
    } catch {
        return @{ Code = -1; Text = $_.Exception.Message }
    }
}

# ---- where things go -------------------------------------------------------------------------------

function Get-Places {
    if (-not $env:LOCALAPPDATA -or -not $env:APPDATA) {
        Stop-Here 1 'LOCALAPPDATA or APPDATA is not set' 'run this as the person who shall use Jamey'
    }
    $places = @{}
    if ($env:JAMEY_HOME) {
        if (-not [IO.Path]::IsPathRooted($env:JAMEY_HOME)) { Stop-Here 2 "JAMEY_HOME is not an absolute path: $env:JAMEY_HOME" }
        $places.Config = Join-Path $env:JAMEY_HOME 'config'
        $places.Data = Join-Path $env:JAMEY_HOME 'data'
    } else {
        $places.Config = Join-Path $env:APPDATA 'jamey-code'
        $places.Data = Join-Path $env:LOCALAPPDATA 'jamey-code'
    }
    if ($Prefix -ne '') {
        $places.Bin = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Prefix)
    } else {
        $places.Bin = Join-Path $env:LOCALAPPDATA 'Programs\Jamey'
    }
    $places.List = Join-Path $places.Data 'installed.txt'
    $places.Own = Join-Path $places.Data 'install.ps1'
    $places.Completions = Join-Path $places.Data 'completions.ps1'
    $places.Menu = Join-Path ([Environment]::GetFolderPath('Programs')) 'Jamey.lnk'
    return $places
}

# The list: lines of a kind, a tab, and a path.
function Read-List([string] $Path) {
    $entries = @()
    if (Test-Path -LiteralPath $Path -PathType Leaf) {
        foreach ($line in [IO.File]::ReadAllLines($Path)) {
            $parts = $line.Split([char[]] "`t", 2)
            if ($parts.Length -eq 2) { $entries += , @($parts[0], $parts[1]) }
        }
    }
    return , $entries
}

# The paths of one kind; callers make it an array with @( ).
function Select-Entries($Entries, [string] $Kind) {
    $Entries | Where-Object { $_[0] -eq $Kind } | ForEach-Object { $_[1] }
}

# ---- what to install -------------------------------------------------------------------------------

function Find-Source([string] $Work) {
    $here = $PSScriptRoot
    $source = $From
    if ($source -eq '') {
        $archives = @(Get-ChildItem -LiteralPath $here -Filter 'jamey-*-windows-*.zip' -File)
        if (Test-Path -LiteralPath (Join-Path $here 'bin\jamey.exe')) {
            $source = $here
        } elseif ($archives.Count -gt 1) {
            Stop-Here 2 'more than one release lies beside this script' 'choose one with -From FILE'
        } elseif ($archives.Count -eq 1) {
            $source = $archives[0].FullName
        } elseif (Test-Path -LiteralPath (Join-Path $here 'crates\cli')) {
            $source = Build-Checkout $here
        } else {
            Stop-Here 2 'there is nothing to install beside this script' 'say where the programs are: -From, a folder or a release (.zip)'
        }
    }
    if (Test-Path -LiteralPath $source -PathType Leaf) {
        if ([IO.Path]::GetExtension($source) -ne '.zip') { Stop-Here 2 "$source is no .zip" '-From takes a folder with the programs, or a release (.zip)' }
        $sum = "$source.sha256"
        if (Test-Path -LiteralPath $sum) {
            $wanted = ([IO.File]::ReadAllText($sum).Trim() -split '\s+')[0]
            if ((Get-FileHash -LiteralPath $source -Algorithm SHA256).Hash -ne $wanted) {
                Stop-Here 1 "$source is damaged: its sum is not the one in $sum" 'fetch it again'
            }
        }
        Expand-Archive -LiteralPath $source -DestinationPath $Work
        $source = @(Get-ChildItem -LiteralPath $Work -Directory)[0].FullName
    } elseif (-not (Test-Path -LiteralPath $source -PathType Container)) {
        Stop-Here 2 "there is no $source" '-From takes a folder with the programs, or a release (.zip)'
    }
    $root = $here
    if (Test-Path -LiteralPath (Join-Path $source 'packaging')) { $root = $source }
    if (Test-Path -LiteralPath (Join-Path $source 'bin\jamey.exe')) { $source = Join-Path $source 'bin' }
    return @{ Programs = (Resolve-Path -LiteralPath $source).ProviderPath; Icon = (Join-Path $root 'packaging\icons\jamey.ico') }
}

function Build-Checkout([string] $Here) {
    foreach ($need in @(@('cargo', 'Rust: https://rustup.rs'), @('cmake', 'CMake: winget install Kitware.CMake'), @('clang', 'LLVM: winget install LLVM.LLVM'))) {
        if (-not (Get-Command $need[0] -ErrorAction SilentlyContinue)) {
            Stop-Here 1 "building Jamey needs $($need[0]), which is not here" "get $($need[1]), then run this again; or install a built release with -From FILE"
        }
    }
    $target = $env:CARGO_TARGET_DIR
    if (-not $target) { $target = Join-Path $env:LOCALAPPDATA 'jamey-build\target' }
    if ($DryRun) {
        Write-Host "would build $Here into $target"
    } else {
        Write-Host 'Building; the first time takes about ten minutes.'
        $env:CARGO_TARGET_DIR = $target
        Push-Location -LiteralPath $Here
        try {
            # Progress goes to standard error, which is no error.
            $ErrorActionPreference = 'Continue'
            & cargo build --release --locked --workspace --bins | Out-Host
            $code = $LASTEXITCODE
            if ($code -eq 0) { Build-Window }
        } finally {
            Pop-Location
        }
        if ($code -ne 0) { Stop-Here 1 'Jamey could not be built' 'what cargo said is above; nothing was installed' }
    }
    return (Join-Path $target 'release')
}

# The window, where what its pages are built with is there.
function Build-Window {
    if (-not (Get-Command 'npm' -ErrorAction SilentlyContinue)) {
        Write-Host 'The window is left out: building it takes npm (winget install OpenJS.NodeJS.LTS).'
        return
    }
    $steps = @(
        @('npm', 'ci', '--silent', '--no-audit', '--no-fund'),
        @('npm', 'run', '--silent', 'build'),
        @('cargo', 'build', '--release', '--locked', '--manifest-path', 'src-tauri/Cargo.toml')
    )
    foreach ($step in $steps) {
        $words = $step[1..($step.Length - 1)]
        & $step[0] @words | Out-Host
        if ($LASTEXITCODE -ne 0) {
            Write-Warn 'the window could not be built and is left out; what was said is above'
            return
        }
    }
}

# Whether the window is among the programs and runs here.
function Test-Window([string] $Programs) {
    $program = Join-Path $Programs $Window
    if (-not (Test-Path -LiteralPath $program -PathType Leaf)) { return $false }
    $tried = Invoke-Program $program @('--version')
    if ($tried.Code -eq 0) { return $true }
    Write-Warn "$Window does not run here and is left out: $($tried.Text)"
    Write-Warn 'it needs the WebView2 runtime: winget install Microsoft.EdgeWebView2Runtime'
    return $false
}

# ---- writing ---------------------------------------------------------------------------------------

# Makes a folder and what leads to it; gives each one that was not there, the outermost first.
function New-Folder([string] $Path) {
    $made = @()
    $missing = @()
    $at = $Path
    while ($at -and -not (Test-Path -LiteralPath $at)) {
        $missing = @($at) + $missing
        $at = Split-Path -Parent $at
    }
    foreach ($folder in $missing) {
        [void] [IO.Directory]::CreateDirectory($folder)
        $made += $folder
    }
    return , $made
}

# Puts a file into its place. One that runs cannot be overwritten, but it can be renamed.
function Set-File([string] $Source, [string] $Place) {
    $new = "$Place.jamey-new"
    Copy-Item -LiteralPath $Source -Destination $new -Force
    if (Test-Path -LiteralPath $Place -PathType Leaf) {
        $old = "$Place.jamey-old-$([Guid]::NewGuid().ToString('N'))"
        [IO.File]::Move($Place, $old)
        try {
            [IO.File]::Move($new, $Place)
        } catch {
            [IO.File]::Move($old, $Place)
            throw
        }
        Remove-Item -LiteralPath $old -Force -ErrorAction SilentlyContinue
    } else {
        [IO.File]::Move($new, $Place)
    }
}

function Test-Same([string] $One, [string] $Other) {
    if (-not (Test-Path -LiteralPath $Other -PathType Leaf)) { return $false }
    return (Get-FileHash -LiteralPath $One).Hash -eq (Get-FileHash -LiteralPath $Other).Hash
}

# The person's own search path, as it is written: variables in it stay variables.
function Get-UserPath {
    $key = [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Environment')
    if ($null -eq $key) { return '' }
    try {
        return [string] $key.GetValue('Path', '', [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
    } finally {
        $key.Close()
    }
}

function Set-UserPath([string] $Value) {
    $key = [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey('Environment')
    try {
        $kind = [Microsoft.Win32.RegistryValueKind]::ExpandString
        if (@($key.GetValueNames()) -contains 'Path') { $kind = $key.GetValueKind('Path') }
        if ($Value -eq '') { $key.DeleteValue('Path', $false) } else { $key.SetValue('Path', $Value, $kind) }
    } finally {
        $key.Close()
    }
    # Setting and removing any variable this way tells running programs that the environment has changed.
    [Environment]::SetEnvironmentVariable('JAMEY_INSTALL_NEWS', '1', 'User')
    [Environment]::SetEnvironmentVariable('JAMEY_INSTALL_NEWS', $null, 'User')
}

function Test-PathEntry([string] $Entry, [string] $Folder) {
    $plain = [Environment]::ExpandEnvironmentVariables($Entry).TrimEnd('\')
    return $plain -eq $Folder.TrimEnd('\')
}

# The profile is read and written byte by byte: only our own lines, which are ASCII, are understood.
function Read-Profile([string] $Path) {
    $bytes = [byte[]] @()
    if (Test-Path -LiteralPath $Path -PathType Leaf) { $bytes = [IO.File]::ReadAllBytes($Path) }
    $encoding = [Text.Encoding]::GetEncoding(28591)
    if ($bytes.Length -ge 2 -and $bytes[0] -eq 0xFF -and $bytes[1] -eq 0xFE) { $encoding = [Text.Encoding]::Unicode }
    return @{ Text = $encoding.GetString($bytes); Encoding = $encoding }
}

function Get-WithoutBlock([string] $Text) {
    $pattern = '(?m)^' + [regex]::Escape('# >>> jamey >>>') + '[^\n]*\n(?:(?!' + [regex]::Escape('# >>> jamey >>>') + ')[^\n]*\n)*?' + [regex]::Escape($End) + '\r?(?:\n|\z)'
    return [regex]::Replace($Text, $pattern, '')
}

# Whether a profile would be run at all; where it is not, one that is there shows an error at every start.
function Test-ProfileRuns {
    foreach ($scope in @('MachinePolicy', 'UserPolicy', 'CurrentUser', 'LocalMachine')) {
        $policy = [string] (Get-ExecutionPolicy -Scope $scope)
        if ($policy -ne 'Undefined') { return @('RemoteSigned', 'Unrestricted', 'Bypass') -contains $policy }
    }
    return $false
}

function New-Shortcut($Places, [bool] $HasWindow) {
    try {
        $link = (New-Object -ComObject WScript.Shell).CreateShortcut($Places.Menu)
        if ($HasWindow) {
            $link.TargetPath = Join-Path $Places.Bin $Window
        } else {
            $link.TargetPath = Join-Path $Places.Bin 'jamey.exe'
            $link.Arguments = 'chat'
        }
        $link.WorkingDirectory = $env:USERPROFILE
        $link.IconLocation = Join-Path $Places.Bin 'jamey.ico'
        $link.Description = 'Ask an assistant that lives on this computer'
        $link.Save()
        return $true
    } catch {
        Write-Warn "the Start menu entry could not be made: $($_.Exception.Message)"
        return $false
    }
}

function Set-AppEntry($Places, [string] $Version) {
    $key = [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey($Apps)
    try {
        $key.SetValue('DisplayName', 'Jamey')
        $key.SetValue('DisplayVersion', $Version)
        $key.SetValue('DisplayIcon', (Join-Path $Places.Bin 'jamey.ico'))
        $key.SetValue('InstallLocation', $Places.Bin)
        $key.SetValue('UninstallString', "powershell.exe -NoProfile -ExecutionPolicy Bypass -File `"$($Places.Own)`" -Uninstall")
        $key.SetValue('NoModify', 1, [Microsoft.Win32.RegistryValueKind]::DWord)
        $key.SetValue('NoRepair', 1, [Microsoft.Win32.RegistryValueKind]::DWord)
    } finally {
        $key.Close()
    }
}

function Set-Links($Places) {
    $key = [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey($Links)
    try {
        $key.SetValue('', 'URL:Jamey')
        $key.SetValue('URL Protocol', '')
        $command = $key.CreateSubKey('shell\open\command')
        try { $command.SetValue('', "`"$(Join-Path $Places.Bin $Window)`" `"%1`"") } finally { $command.Close() }
    } finally {
        $key.Close()
    }
}

function Remove-Files([string[]] $Files) {
    foreach ($file in $Files) {
        # What a person has put in the place of a file (a folder, say) stays.
        if (Test-Path -LiteralPath $file -PathType Leaf) {
            try { Remove-Item -LiteralPath $file -Force } catch { Write-Warn "$file could not be removed: $($_.Exception.Message)" }
        }
    }
}

function Remove-EmptyFolders([string[]] $Folders) {
    for ($i = $Folders.Length - 1; $i -ge 0; $i--) {
        $folder = $Folders[$i]
        if ((Test-Path -LiteralPath $folder -PathType Container) -and @(Get-ChildItem -LiteralPath $folder -Force).Count -eq 0) {
            Remove-Item -LiteralPath $folder -Force -ErrorAction SilentlyContinue
        }
    }
}

# ---- the two commands ------------------------------------------------------------------------------

function Install-Jamey($Places, [string] $Work) {
    $source = Find-Source $Work
    foreach ($program in $Programs) {
        if (-not (Test-Path -LiteralPath (Join-Path $source.Programs $program) -PathType Leaf)) {
            if ($DryRun) {
                Write-Host "then would put Jamey's programs into $($Places.Bin)"
                return
            }
            Stop-Here 2 "$($source.Programs) has no $program" '-From takes a folder with the programs, or a release (.zip)'
        }
        # It has no window and says nothing; it starts jamey-runtime at log-on.
        if ($program -eq 'jamey-keeper.exe') { continue }
        $tried = Invoke-Program (Join-Path $source.Programs $program) @('--version')
        if ($tried.Code -ne 0) { Stop-Here 1 "$program does not run here: $($tried.Text)" 'take a release for this system, or build it' }
        if ($program -eq 'jamey.exe') {
            if ($tried.Text -notlike 'jamey *') { Stop-Here 1 "jamey.exe is not Jamey; asked for its version it says: $($tried.Text)" }
            $version = $tried.Text.Substring(6).Trim()
        }
    }
    $hasWindow = Test-Window $source.Programs
    $jamey = Join-Path $Places.Bin 'jamey.exe'
    $completions = Invoke-Program (Join-Path $source.Programs 'jamey.exe') @('completions', 'powershell')
    if ($completions.Code -ne 0) { Stop-Here 1 "jamey $version makes no completions" 'take programs and script from one version' }
    $completionsFile = Join-Path $Work 'completions.ps1'
    [IO.File]::WriteAllText($completionsFile, $completions.Text + "`n")

    $plan = @()
    foreach ($program in $Programs) { $plan += , @((Join-Path $source.Programs $program), (Join-Path $Places.Bin $program)) }
    if ($hasWindow) {
        foreach ($file in @($Window, $Loader)) {
            $from = Join-Path $source.Programs $file
            if (Test-Path -LiteralPath $from -PathType Leaf) { $plan += , @($from, (Join-Path $Places.Bin $file)) }
        }
    }
    if (Test-Path -LiteralPath $source.Icon) { $plan += , @($source.Icon, (Join-Path $Places.Bin 'jamey.ico')) }
    $plan += , @($completionsFile, $Places.Completions)
    $plan += , @($PSCommandPath, $Places.Own)

    if ($DryRun) {
        Write-Host "would install Jamey ${version}:"
        foreach ($pair in $plan) {
            if (Test-Same $pair[0] $pair[1]) { $word = 'same ' } else { $word = 'write' }
            Write-Host "  $word  $($pair[1])"
        }
        Write-Host "  write  $($Places.Menu)"
        if (-not $NoPath) { Write-Host '  write  your search path and PowerShell profile, where they need it' }
        Write-Host "  write  $($Places.List)"
        if ($Service) { Write-Host '  run    jamey-runtime install' }
        return
    }

    $before = Read-List $Places.List
    $oldVersion = @(Select-Entries $before 'version') + @('')
    $folders = @(Select-Entries $before 'folder')
    try {
        $folders += New-Folder $Places.Bin
        $folders += New-Folder $Places.Data
        $probe = Join-Path $Places.Bin 'jamey-probe.tmp'
        [IO.File]::WriteAllText($probe, '')
        Remove-Item -LiteralPath $probe
    } catch {
        Stop-Here 1 "$($Places.Bin) cannot be written, so nothing was installed ($($_.Exception.Message))" 'choose a folder that you may write to: -Prefix DIR'
    }

    $changed = $false
    foreach ($pair in $plan) {
        if ($pair[1] -like '*.exe' -and -not (Test-Same $pair[0] $pair[1])) { $changed = $true }
    }
    # A runtime that has nothing to do ends now and starts again below; one at work goes on.
    $restart = $false
    $atWork = $false
    if ($changed -and (Test-Path -LiteralPath $jamey)) {
        $status = Invoke-Program $jamey @('runtime', 'status', '--json')
        if ($status.Code -eq 0) {
            $atWork = $status.Text -notmatch '"running"\s*:\s*0\b'
            if (-not $atWork) { $restart = (Invoke-Program $jamey @('runtime', 'stop', '--quiet')).Code -eq 0 }
        }
    }

    # First the list, so that even a half done installation can be removed.
    $files = @($plan | ForEach-Object { $_[1] })
    $stale = @(Select-Entries $before 'file' | Where-Object { $files -notcontains $_ -and $_ -ne $Places.Menu })
    $others = @($before | Where-Object { @('path', 'profile', 'made', 'service', 'apps') -contains $_[0] })
    Write-List $Places $version $folders ($files + $stale) $others
    foreach ($pair in $plan) {
        if (-not (Test-Same $pair[0] $pair[1])) { Set-File $pair[0] $pair[1] }
    }
    Remove-Files $stale
    Get-ChildItem -LiteralPath $Places.Bin -Filter '*.jamey-old-*' -File | ForEach-Object {
        Remove-Item -LiteralPath $_.FullName -Force -ErrorAction SilentlyContinue
    }
    if (New-Shortcut $Places $hasWindow) { $files += $Places.Menu }
    Set-AppEntry $Places $version
    $others = @(@($others | Where-Object { $_[0] -ne 'apps' }) + , @('apps', $Apps))
    if ($hasWindow) {
        Set-Links $Places
        $others = @(@($others | Where-Object { $_[0] -ne 'links' }) + , @('links', $Links))
    }
    if (-not $NoPath) { $others = Add-ToEnvironment $Places $others }
    if ($Service -and @(Select-Entries $others 'service').Count -eq 0) { $others += , @('service', 'jamey-runtime') }
    Write-List $Places $version $folders $files $others
    Remove-EmptyFolders $folders

    Write-Host "Jamey $version is installed$(if ($oldVersion[0] -and $oldVersion[0] -ne $version) { " (it was $($oldVersion[0]))" })."
    Write-Host ''
    Write-Host "  programs      $($Places.Bin)"
    if ($files -contains $Places.Menu) { Write-Host '  Start menu    Jamey' }
    foreach ($entry in $others) {
        if ($entry[0] -eq 'path') { Write-Host '  search path   your own (new terminals have it)' }
        if ($entry[0] -eq 'profile') { Write-Host "  completions   lines between markers in $($entry[1])" }
    }
    Write-Host "  list          $($Places.List)"
    if ($restart) {
        $again = Invoke-Program $jamey @('runtime', 'start', '--quiet')
        if ($again.Code -eq 0) { Write-Host '  runtime       restarted with the new version' } else { Write-Host '  runtime       ended; it starts again when you need it' }
    } elseif ($atWork) {
        Write-Host '  runtime       still the version before, since it is at work; when that is done: jamey runtime restart'
    }
    Write-Host ''
    if ($hasWindow) { Write-Host 'Begin:                    Jamey in the Start menu, or jamey chat in a new terminal' }
    else { Write-Host 'Begin in a new terminal:  jamey chat' }
    Write-Host 'Undo:                     Settings, Apps, Jamey; or'
    Write-Host "                          powershell -ExecutionPolicy Bypass -File `"$($Places.Own)`" -Uninstall"
    if ($Service) {
        Write-Host ''
        & (Join-Path $Places.Bin 'jamey-runtime.exe') install | Out-Host
        if ($LASTEXITCODE -ne 0) { Stop-Here 1 'the programs are installed, but not the service' 'what went wrong is above; try again with: jamey-runtime install' }
    }
}

function Write-List($Places, [string] $Version, $Folders, $Files, $Others) {
    $lines = @('# What Jamey installed; install.ps1 -Uninstall removes exactly this.', "version`t$Version")
    foreach ($folder in @($Folders | Select-Object -Unique)) { if ($folder) { $lines += "folder`t$folder" } }
    foreach ($file in $Files) { $lines += "file`t$file" }
    foreach ($entry in $Others) { $lines += "$($entry[0])`t$($entry[1])" }
    $fresh = Join-Path $script:work 'installed.txt'
    [IO.File]::WriteAllLines($fresh, [string[]] $lines)
    Set-File $fresh $Places.List
}

# The search path, and lines in the profile that load the completions; gives the entries for the list.
function Add-ToEnvironment($Places, $Others) {
    $entries = @($Others)
    $old = @(Select-Entries $entries 'path')
    $parts = @((Get-UserPath).Split([char[]] ';') | Where-Object { $_ -ne '' })
    foreach ($folder in $old) {
        # The programs have moved: the old place goes.
        if ($folder -ne $Places.Bin) { $parts = @($parts | Where-Object { -not (Test-PathEntry $_ $folder) }) }
    }
    $entries = @($entries | Where-Object { $_[0] -ne 'path' -or $_[1] -eq $Places.Bin })
    $there = @($parts | Where-Object { Test-PathEntry $_ $Places.Bin })
    if ($there.Count -eq 0) {
        if ($Places.Bin.Contains(';')) {
            Write-Warn "$($Places.Bin) cannot be on the search path, since its name has a semicolon"
        } else {
            $parts += $Places.Bin
            if (@(Select-Entries $entries 'path').Count -eq 0) { $entries += , @('path', $Places.Bin) }
        }
    }
    $joined = $parts -join ';'
    if ($joined -ne (Get-UserPath).TrimEnd(';')) { Set-UserPath $joined }

    $profileFile = $PROFILE.CurrentUserAllHosts
    if ($env:JAMEY_HOME -or -not (Test-ProfileRuns)) { return , $entries }
    $line = 'if (Test-Path "$env:LOCALAPPDATA\jamey-code\completions.ps1") { . "$env:LOCALAPPDATA\jamey-code\completions.ps1" }'
    $now = Read-Profile $profileFile
    if ($now.Text.Contains('# >>> jamey >>>')) { return , $entries }
    $existed = Test-Path -LiteralPath $profileFile
    $made = New-Folder (Split-Path -Parent $profileFile)
    foreach ($folder in $made) { $entries += , @('folder', $folder) }
    $text = $now.Text
    if ($text -ne '' -and -not $text.EndsWith("`n")) { $text += "`r`n" }
    $text += "$Begin`r`n$line`r`n$End`r`n"
    [IO.File]::WriteAllBytes($profileFile, $now.Encoding.GetBytes($text))
    $entries = @($entries | Where-Object { $_[0] -ne 'profile' })
    $entries += , @('profile', $profileFile)
    if (-not $existed) { $entries += , @('made', $profileFile) }
    return , $entries
}

function Uninstall-Jamey($Places) {
    $data = @()
    if ($Purge) {
        foreach ($folder in @($Places.Config, $Places.Data)) { if (Test-Path -LiteralPath $folder) { $data += $folder } }
        if ($data.Count -gt 0 -and -not $DryRun) { Confirm-Purge $data }
    }
    $entries = Read-List $Places.List
    if ($entries.Count -eq 0 -and $data.Count -eq 0) {
        Stop-Here 1 "nothing is installed, as far as $($Places.List) tells: it is not there" 'if JAMEY_HOME was set then, set it now'
    }
    if ($DryRun) {
        Write-Host 'would remove:'
        foreach ($entry in $entries) { if ($entry[0] -ne 'version' -and $entry[0] -ne 'folder') { Write-Host "  $($entry[0])  $($entry[1])" } }
        foreach ($folder in $data) { Write-Host "  everything in $folder" }
        return
    }
    $files = @(Select-Entries $entries 'file')
    foreach ($file in $files) {
        if ((Split-Path -Leaf $file) -eq 'jamey.exe' -and (Test-Path -LiteralPath $file)) {
            $beside = Join-Path (Split-Path -Parent $file) 'jamey-runtime.exe'
            if (@(Select-Entries $entries 'service').Count -gt 0 -and (Test-Path -LiteralPath $beside)) {
                & $beside uninstall | Out-Host
            } elseif (Test-Path -LiteralPath $beside) {
                # One that was installed by hand would start a program that is gone.
                [void] (Invoke-Program $beside @('uninstall'))
            }
            if ((Invoke-Program $file @('runtime', 'stop', '--quiet')).Code -ne 0) { Write-Warn 'the runtime could not be ended' }
        }
    }
    Remove-Files $files
    foreach ($folder in @(Select-Entries $entries 'path')) {
        $parts = @((Get-UserPath).Split([char[]] ';') | Where-Object { $_ -ne '' -and -not (Test-PathEntry $_ $folder) })
        Set-UserPath ($parts -join ';')
    }
    foreach ($file in @(Select-Entries $entries 'profile')) {
        $now = Read-Profile $file
        $text = Get-WithoutBlock $now.Text
        if ($text.Trim() -eq '' -and @(Select-Entries $entries 'made') -contains $file) {
            Remove-Files @($file)
        } elseif ($text -ne $now.Text) {
            [IO.File]::WriteAllBytes($file, $now.Encoding.GetBytes($text))
        }
    }
    foreach ($key in @(Select-Entries $entries 'apps')) {
        if ($key -eq $Apps) { [Microsoft.Win32.Registry]::CurrentUser.DeleteSubKey($Apps, $false) }
    }
    foreach ($key in @(Select-Entries $entries 'links')) {
        if ($key -eq $Links) { [Microsoft.Win32.Registry]::CurrentUser.DeleteSubKeyTree($Links, $false) }
    }
    Remove-Files @($Places.List)
    Remove-EmptyFolders @(Select-Entries $entries 'folder')
    foreach ($folder in $data) {
        try { Remove-Item -LiteralPath $folder -Recurse -Force } catch { Write-Warn "$folder could not be removed: $($_.Exception.Message)" }
    }
    Write-Host 'Jamey is removed.'
    if ($Purge) {
        Write-Host 'Sessions, settings and weights are removed.'
    } else {
        foreach ($folder in @($Places.Config, $Places.Data)) { if (Test-Path -LiteralPath $folder) { Write-Host "Left: $folder" } }
    }
}

function Confirm-Purge($Folders) {
    if ($Yes) { return }
    Write-Host 'This removes all sessions, settings, keys and local models:'
    foreach ($folder in $Folders) { Write-Host "  $folder" }
    if ([Console]::IsInputRedirected) { Stop-Here 2 'this cannot be taken back, and nobody is here to say yes' 'add -Yes' }
    if (@('y', 'yes') -notcontains (Read-Host 'Remove them? [y/N]').Trim().ToLowerInvariant()) { Stop-Here 1 'nothing was removed' }
}

if ($Help) {
    Get-Help -Full $PSCommandPath | Out-Host
    exit 0
}
if ($Purge -and -not $Uninstall) { Stop-Here 2 '-Purge belongs to -Uninstall' }
if ($env:OS -ne 'Windows_NT') { Stop-Here 1 'this is not Windows' 'run install.sh' }

$places = Get-Places
$work = Join-Path ([IO.Path]::GetTempPath()) "jamey-install-$([Guid]::NewGuid().ToString('N'))"
[void] [IO.Directory]::CreateDirectory($work)
try {
    if ($Uninstall) { Uninstall-Jamey $places } else { Install-Jamey $places $work }
} catch {
    Stop-Here 1 $_.Exception.Message 'nothing else was changed; run this again when that is mended'
} finally {
    Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue
}
exit 0
