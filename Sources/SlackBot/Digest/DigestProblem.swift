import Analytics
import Foundation

/// Why a digest that is due could not be sent.
struct DigestProblem: Error, CustomStringConvertible {
    let due: Date
    /// `digest.channel` of slack.yaml.
    let channel: String
    let error: any Error

    /// Slack's or the store's code; `error` for an error without one. Stored when the digest is given up.
    var code: String { (error as? SlackError)?.code ?? (error as? StoreError)?.code.rawValue ?? "error" }

    var description: String {
        let place = error is SlackError ? " to digest.channel of slack.yaml (\(channel))" : ""
        return "the digest of \(Timestamp.text(due)) could not be sent\(place): \(error)"
    }
}
