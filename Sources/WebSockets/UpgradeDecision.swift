/// The answer to an upgrade request.
package enum UpgradeDecision: Sendable, Equatable {
    case accept
    /// Answers with this HTTP status, 400 to 599, and no upgrade.
    case refuse(Int)
}
