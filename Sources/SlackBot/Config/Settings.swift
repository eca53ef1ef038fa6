import Bridge
import Logging

/// The whole configuration, immutable: what the five files, the environment and the defaults say together.
struct Settings: Sendable {
    var model = ModelSettings()
    var policy = PolicyRules()
    /// Every entry of mcps.yaml that could be decoded, switched-off ones included.
    var servers: [ServerConfiguration] = []
    var users: ConfiguredUsers
    var slack = SlackSettings()
    var threading = ThreadingSettings()
    var sidePort = SidePortSettings()
    var store = StoreSettings()
    /// Where the embedded store, the spool and keys live; `OMNI_DATA`.
    var dataFolder = "data"
    /// The time that a question may take in all; `question.deadline_seconds`.
    var deadline: Duration = .seconds(300)
    /// The time that a stop waits for questions in flight; `shutdown.drain_seconds`.
    var drain: Duration = .seconds(20)
    /// Nobody is answered while the record is away; `audit.required`.
    var auditRequired = false
    var log = LogSettings()
    /// SHA-256 of the files' names and bytes, in hexadecimal: equal digests mean an unchanged configuration.
    var digest = ""
    /// The same key by key, to name what changed.
    var keys = ConfigKeys()
    /// The folder of the files.
    var folder = "config"

    init(users: ConfiguredUsers = ConfiguredUsers()) { self.users = users }
}

/// The HTTP side port.
struct SidePortSettings: Sendable, Hashable {
    var host = "127.0.0.1"
    /// 0: any free port.
    var port = 8000
    /// `OMNI_ADMIN_TOKEN`; without it, protected routes answer that they are not configured.
    var adminToken: Secret?
}

/// Where the record is kept.
struct StoreSettings: Sendable, Hashable {
    /// `DATABASE_URL` as written; nil: SQLite under the data folder.
    var databaseURL: Secret?
}

struct LogSettings: Sendable, Hashable {
    enum Format: String, Sendable, Hashable, CaseIterable { case text, json }

    var level = Logger.Level.info
    /// nil: text on a terminal, JSON otherwise.
    var format: Format?
}
