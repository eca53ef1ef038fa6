package import Bridge
package import Foundation

/// An administrative act, such as a reload or a changed role. One row of `admin_events`, never of the audit log.
package struct AdminEvent: Sendable, Hashable {
    /// The actor: `file`, `SIGHUP`, `admin token`, `command line`.
    package let actor: String
    /// `config.reloaded`, `user.role`.
    package let action: String
    /// The object of the act: an e-mail, a digest.
    package let subject: String?
    /// A JSON object with names of keys and roles, never values of the configuration.
    package let detail: JSONValue
    /// Set by the database's clock; nil before the row is written.
    package let at: Date?

    package init(actor: String, action: String, subject: String? = nil, detail: JSONValue = [:], at: Date? = nil) {
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
        self.at = at
    }
}
