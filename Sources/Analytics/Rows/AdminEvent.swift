package import Bridge
package import Foundation

/// An administrative act: a reload, a role that was given. One row of `admin_events`, never of the audit trail.
package struct AdminEvent: Sendable, Hashable {
    /// Who or what did it: `file`, `SIGHUP`, `admin token`, `command line`.
    package let actor: String
    /// `config.reloaded`, `user.role`.
    package let action: String
    /// What it was done to: an e-mail, a digest.
    package let subject: String?
    /// An object; names of keys and roles, never values of the configuration.
    package let detail: JSONValue
    /// nil until it is written: the database's clock says.
    package let at: Date?

    package init(actor: String, action: String, subject: String? = nil, detail: JSONValue = [:], at: Date? = nil) {
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
        self.at = at
    }
}
