import Analytics
import Bridge
import Logging

/// Finds what stands around an outcome: the settings in force, who asked, and whether it is that user's first contact.
struct AnswerStyling: Sendable {
    let live: LiveSettings
    let store: Store
    let logger: Logger

    /// - Parameters:
    ///   - isOwnText: whether a text of Omni's is posted in the place of the outcome; only a welcome stands below it.
    ///   - sendsFilesDirectly: see ``AnswerMessages/Style``.
    func style(
        of claimed: ClaimedQuestion, _ outcome: QuestionOutcome, isOwnText: Bool, sendsFilesDirectly: Bool
    ) async -> AnswerMessages.Style {
        let (slack, question) = (live.current.slack, claimed.question)
        let showsDiagnostics =
            slack.diagnostics.isShown(to: question.asker.role)
            && slack.diagnostics.places.contains(question.place, beginsThread: question.beginsThread)
        var style = AnswerMessages.Style(
            footer: showsDiagnostics ? slack.diagnostics : nil, showsErrorID: slack.behavior.includesErrorID,
            sendsFilesDirectly: sendsFilesDirectly)
        style.formatting = slack.formatting
        style.question = claimed.claim.id
        style.templates = slack.templates
        style.usesEmoji = slack.behavior.usesEmoji
        guard let asker = claimed.asker else { return style }
        style.role = live.snapshot.policy.role(of: asker).displayName
        style.notes = await notes(claimed, asker, isOwnText: isOwnText)
        if slack.templates.unavailable != nil, case .failed(let failure) = outcome, let server = failure.error.server {
            let seen = await known("when a server was healthy") { try await store.lastSeen(server: server) }
            style.lastSeen = seen.flatMap(\.self).map(UserMessages.localTime)
        }
        return style
    }

    /// The lines about the asker and to a new one.
    private func notes(_ claimed: ClaimedQuestion, _ asker: Principal, isOwnText: Bool) async -> [String] {
        let (settings, snapshot) = live.inForce
        let (slack, question) = (settings.slack, claimed.question)
        let role = snapshot.policy.role(of: asker)
        let servers = settings.servers.filter {
            $0.isEnabled && snapshot.policy.mayUse(server: $0.name, asker, in: question.place)
        }.map(\.displayName)
        var notes: [String] = []
        if !isOwnText, slack.userInfo.isShown(in: question.place, beginsThread: question.beginsThread) {
            let usesEmoji = slack.behavior.usesEmoji
            notes.append(
                UserMessages.asker(asker, role, servers: servers, showing: slack.userInfo, usesEmoji: usesEmoji))
        }
        if let welcome = slack.templates.welcome, await isFirst(claimed) {
            let values: [MessageTemplate.Placeholder: String] = [
                .name: Markdown.escape(asker.name), .role: Markdown.escape(role.displayName),
                .rateLimit: UserMessages.noLimit, .servers: TemplateView.list(servers),
                .examples: TemplateView.list(slack.commands[SlackCommand.Name.ask.rawValue]?.examples ?? []),
            ]
            notes.append(welcome.text(values))
        }
        return notes.filter { !$0.isEmpty }
    }

    private func isFirst(_ claimed: ClaimedQuestion) async -> Bool {
        let emails = [claimed.question.asker.email, SlackUser.provisionalEmail(claimed.incoming.user)]
        return await known("whether a question is the first") {
            try await store.isFirstQuestion(claimed.claim.id, of: emails)
        } ?? false
    }

    /// nil when the store cannot tell: the answer does not depend on it.
    private func known<Value: Sendable>(_ what: String, _ read: () async throws -> Value) async -> Value? {
        do {
            return try await read()
        } catch {
            logger.info("The store does not tell \(what).", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
