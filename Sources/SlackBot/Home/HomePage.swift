import Analytics
import Bridge
import Foundation

/// What the App Home shows to one user.
enum HomeContents: Sendable, Hashable {
    /// The user may not use Omni; the reason, for the user.
    case refused(String)
    case page(HomePage)
}

/// The App Home of a user who may use Omni. A nil that means "cannot be read" is shown as such.
struct HomePage: Sendable, Hashable {
    /// A server that the user may use.
    struct Server: Sendable, Hashable {
        let name: String
        let state: ServerStatus.State
        /// The number of its tools that the user may call.
        let tools: Int
        /// nil when it is well. The text may be the server's own and is for administrators only.
        let problem: String?
    }

    /// What administrators see besides.
    struct Administration: Sendable, Hashable {
        /// nil when the record cannot be read.
        let figures: HomeFigures?
        /// What was found when the files were last read, without notes; errors first.
        let problems: [ConfigProblem]
    }

    let role: String
    /// May be empty.
    let roleDescription: String
    /// The most turns of the model for one question.
    let turns: Int
    /// The time after which a question fails.
    let deadline: Duration
    /// The user's questions since local midnight; nil when they cannot be read.
    let today: ReportTotals?
    /// Newest first; nil when they cannot be read.
    let questions: [PastQuestion]?
    let servers: [Server]
    /// nil unless the user is an administrator.
    let administration: Administration?
    /// When this was read.
    let at: Date
}
