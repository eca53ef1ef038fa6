import Analytics
import Bridge

/// "Show details" under an answer: a modal with the calls that were made for it. Only the asker and administrators may
/// press it, and arguments and results are shown by what the rules in force allow them. Administrators see all votes on
/// the answer, others their own.
struct DetailsListener: Listener {
    let buttons: AnswerButtons
    let registry: ToolRegistry

    let keys = [ListenerKey.action(AnswerActionsView.detailsID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        buttons.handle(envelope) { try await show($0) }
    }

    private func show(_ press: AnswerButtons.Press) async throws -> String? {
        guard press.isAsker || press.isAdmin else { return UserMessages.onlyAskerOrAdmin }
        guard let details = try await details(press) else { return UserMessages.answerNotKept }
        do {
            try await buttons.api.openView(AnswerDetailsView.modal(details), trigger: press.action.triggerID)
            return nil
        } catch let error as SlackError where error.code == "expired_trigger_id" {
            return UserMessages.detailsTooLate
        }
    }

    /// nil when the question is not in the audit log.
    private func details(_ press: AnswerButtons.Press) async throws -> AnswerDetails? {
        let (store, id) = (buttons.store, press.question.id)
        guard !store.isAway else { throw StoreError(.unavailable, "the audit log is in the store") }
        guard let audit = try await store.recent(AuditFilter(question: id), limit: 1).first else { return nil }
        let calls = try await store.toolCalls(of: id)
        // Retention may have deleted the results, and another version of Omni may have written them.
        let steps = (try? await store.journal(of: id)) ?? []
        let place = await place(of: press.question)
        let (settings, snapshot) = buttons.live.inForce
        let catalogue = registry.catalogue
        var details = AnswerDetails(audit, calls: calls, steps: steps) { name, arguments in
            // Without a definition there is no verdict.
            guard let tool = catalogue[name] else { return false }
            return snapshot.policy.verdict(for: press.principal, in: place, on: tool, arguments: arguments).isAllowed
        }
        details.votes = try await store.feedback(on: id).filter { press.isAdmin || $0.voter == press.principal.email }
        let diagnostics = settings.slack.diagnostics
        let isShown = diagnostics.isShown(to: press.principal.role)
        details.showsTokens = press.isAdmin || (isShown && diagnostics.showsTokens)
        details.showsCost = press.isAdmin || (isShown && diagnostics.showsCost)
        return details
    }

    private func place(of question: QuestionRow) async -> Place {
        let place = question.place
        guard let channel = place.channel else { return place }
        // Rows of earlier versions do not say it of a command, a reaction or the shortcut.
        let isDirect = place.isDirect || channel.hasPrefix("D")
        return await buttons.resolver.directory.place(place.entryPoint, in: channel, isDirect: isDirect)
    }
}
