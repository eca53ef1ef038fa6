import Analytics
import Bridge

/// Which answers only their askers see: `visibility: private` of channels and servers.
struct AnswerPrivacy: Sendable {
    private let policy: Policy
    private let history: ThreadHistoryRules

    init(_ snapshot: SettingsSnapshot) {
        policy = snapshot.policy
        history = snapshot.limits.history
    }

    /// Whether answers in the place are private.
    func isPrivate(_ place: Place) -> Bool { policy.isPrivate(place) }

    /// Whether the question alone says that its answer is private: by its place, or by the tool that it names.
    func isPrivate(_ question: Question) -> Bool {
        isPrivate(question.place) || question.call.map { isPrivate(server: $0.tool.server) } ?? false
    }

    /// The servers answers with whose data are private.
    var servers: Set<String> { Set(policy.rules.servers.filter { $0.value.isPrivate }.keys) }

    /// Whether answers with data of the server are private.
    func isPrivate(server: String) -> Bool { policy.isPrivate(server: server) }

    /// Whether a private server was asked for the answer.
    func isPrivate(_ outcome: QuestionOutcome) -> Bool { outcome.usage.calls.contains(where: isPrivate) }

    /// Whether a private server was asked for the answer so far, by its journal.
    func isPrivate(_ steps: [QuestionStep]) -> Bool {
        steps.contains { step in
            switch step {
            case .toolStarted(let call), .toolResult(let call, _): isPrivate(call)
            case .modelTurn, .waiting, .waitEnded: false
            }
        }
    }

    private func isPrivate(_ call: ToolActivity) -> Bool {
        call.outcome != .denied && policy.isPrivate(server: call.name.server)
    }

    /// Whether the answer is private before it is made: by the question alone, or because a private answer to the same
    /// asker is recalled for it, whose data would be in it. When the thread cannot be read it may be.
    func isPrivate(_ question: Question, _ store: Store) async -> Bool {
        if isPrivate(question) { return true }
        guard policy.hasPrivateServers, !question.beginsThread, let limits = history.limits(in: question.place) else {
            return false
        }
        guard let thread = try? await store.conversation(before: question, limit: limits.turns) else { return true }
        return thread.turns.contains { $0.isPrivate && $0.asker == question.asker.email }
    }
}
