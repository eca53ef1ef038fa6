import Analytics
import Bridge
import Logging

/// Stops questions: one that this process works on at once, one of another process at the next renewal of its lease,
/// and any other when it is claimed next.
struct QuestionStops: Sendable {
    let store: Store
    let inFlight: InFlightQuestions
    let workSignal: WorkSignal
    let logger: Logger

    /// False if the question has ended. Throws ``StoreError`` when neither this process works on it nor the store can be
    /// written.
    func stop(_ question: QuestionRow, _ request: StopRequest) async throws -> Bool {
        let id = question.id
        let isHere = inFlight.stop(id, request)
        do {
            if try await !store.stop(id, request) {
                // The work here may have ended by the stop before that was stored.
                guard isHere, try await store.question(id)?.state == .cancelled else { return false }
            }
        } catch {
            guard isHere else { throw error }
            logger.info("A stop was not stored.", metadata: ["question": "\(id)", "error": "\(error)"])
            return true
        }
        if request.user != question.origin.userID, request.email != question.askerEmail {
            await note(question, request)
        }
        // Not this question itself: an owner that has lost its lease in an outage may go on with it.
        workSignal.send()
        return true
    }

    /// An administrator has stopped another user's question.
    private func note(_ question: QuestionRow, _ request: StopRequest) async {
        do {
            try await store.note(
                AdminEvent(actor: request.email, action: "question.stopped", subject: question.id.text))
        } catch {
            logger.warning(
                "An administrative act could not be stored.",
                metadata: ["action": "question.stopped", "question": "\(question.id)", "error": "\(error)"])
        }
    }
}
