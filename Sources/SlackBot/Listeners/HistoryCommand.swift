import Analytics
import Bridge
import Logging

/// `/omni-history [n]`: the user's own latest questions, also those of HTTP and the command line.
struct HistoryCommand: AnsweredCommand {
    let store: Store
    let installation: Installation
    let logger: Logger

    let names = [SlackCommand.Name.history]

    private static let usual = 10
    private static let most = 25

    func answer(_ command: SlackCommand, by principal: Principal) async -> SlackMessage {
        guard let count = Self.count(command.text) else {
            return SectionView.message(UserMessages.historyUsage(most: Self.most))
        }
        do {
            let questions = try await PastQuestion.newest(
                count, of: principal, slackUser: command.user, in: store, installation)
            return SectionView.message(UserMessages.history(questions))
        } catch {
            logger.warning("A history could not be read.", metadata: ["error": "\(error)"])
            return SectionView.message(UserMessages.historyUnavailable)
        }
    }

    /// The number of questions that the text asks for; nil when it is none from 1 to ``most``.
    private static func count(_ text: String) -> Int? {
        guard !text.isEmpty else { return usual }
        return Int(text).flatMap { (1...most).contains($0) ? $0 : nil }
    }
}
