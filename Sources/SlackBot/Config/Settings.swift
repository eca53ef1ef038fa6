import Bridge
import Foundation
import Logging

/// The whole configuration: the five files, the environment and the defaults, merged.
struct Settings: Sendable {
    var model = ModelSettings()
    var policy = PolicyRules()
    /// Every valid entry of mcps.yaml, also disabled ones.
    var servers: [ServerConfiguration] = []
    var analyticsTools = AnalyticsToolsSettings()
    var users: ConfiguredUsers
    var slack = SlackSettings()
    var threading = ThreadingSettings()
    var sidePort = SidePortSettings()
    var store = StoreSettings()
    /// The folder of the embedded store, the spool and keys; `OMNI_DATA`.
    var dataFolder = "data"
    /// The deadline of a question; `question.deadline_seconds`.
    var deadline: Duration = .seconds(300)
    /// Whether the model may ask the asker back (``AskBackTool``); `question.ask_back`.
    var asksBack = false
    /// How long a shutdown waits for questions in flight; `shutdown.drain_seconds`.
    var drain: Duration = .seconds(20)
    /// Whether questions are refused while the store is unavailable; `audit.required`.
    var auditRequired = false
    /// The zone whose midnights divide the days of reports; `analytics.time_zone`.
    var timeZone = TimeZone.gmt
    /// The days after which rows of the audit log and questions are deleted, 0 for never; `audit.retention_days`.
    var retentionDays = 90
    /// `OMNI_AUDIT_KEY`: the seed of the audit key, whose form was checked; nil: the key file in the data folder.
    var auditKey: Secret?
    var log = LogSettings()
    /// SHA-256 of the files' names and bytes, in hexadecimal: equal digests mean an unchanged configuration.
    var digest = ""
    /// The files as they were read.
    var files = LoadedFiles()
    /// The values by key, as hashes, to name what changed.
    var keys = ConfigKeys()
    /// The folder of the files.
    var folder = "config"

    init(users: ConfiguredUsers = ConfiguredUsers()) { self.users = users }
}

/// The analytics tools: the entry of their server in mcps.yaml, as far as it is not policy.
struct AnalyticsToolsSettings: Sendable, Hashable {
    var isEnabled = true
    /// The limit of one call; `timeout_seconds`.
    var timeout = Duration.seconds(30)
}

/// The HTTP side port.
struct SidePortSettings: Sendable, Hashable {
    var host = "127.0.0.1"
    /// 0: a free port that the system chooses.
    var port = 8000
    /// `OMNI_ADMIN_TOKEN`; nil: protected routes answer 401.
    var adminToken: Secret?
}

/// The location of the store.
struct StoreSettings: Sendable, Hashable {
    /// `DATABASE_URL` as written; nil: SQLite under the data folder.
    var databaseURL: Secret?
}

/// Level and format of the log.
struct LogSettings: Sendable, Hashable {
    /// Form of a log line.
    enum Format: String, Sendable, Hashable, CaseIterable { case text, json }

    var level = Logger.Level.info
    /// nil: text on a terminal, JSON otherwise.
    var format: Format?
}
