import Analytics
import Bridge
import Logging

/// `/omni-history [n]`: the user's own latest questions, also those of HTTP and the command line.
struct HistoryCommand: AnsweredCommand {
    let store: Store
    let api: SlackAPI
    let logger: Logger

    let names = [SlackCommand.Name.history]

    private static let usual = 10
    private static let most = 25

    func answer(_ command: SlackCommand, by principal: Principal) async -> SlackMessage {
        guard let count = Self.count(command.text) else {
            return SectionView.message(UserMessages.historyUsage(most: Self.most))
        }
        do {
            let open = try await store.unended(askedBy: command.user, team: command.team).map(PastQuestion.init)
            let ended = try await store.recent(AuditFilter(user: principal.email), limit: count).map(PastQuestion.init)
            let newest = (open.reversed() + ended).sorted { $0.askedAt > $1.askedAt }.prefix(count)
            return SectionView.message(UserMessages.history(await linked(Array(newest))))
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

    /// The questions with the addresses of their messages; without it where Slack does not return one.
    private func linked(_ questions: [PastQuestion]) async -> [PastQuestion] {
        await withTaskGroup(of: (Int, String?).self) { group in
            for (index, question) in questions.enumerated() {
                guard let address = question.message else { continue }
                group.addTask { (index, try? await api.permalink(address)) }
            }
            return await group.reduce(into: questions) { linked, found in linked[found.0].link = found.1 }
        }
    }
}
