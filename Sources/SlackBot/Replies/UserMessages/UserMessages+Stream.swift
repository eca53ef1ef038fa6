import Bridge

/// Texts of streamed answers.
extension UserMessages {
    /// Title of a card of the model's work, of the first one without `ack_message`.
    static let thinkingCard = "Thinking"
    /// Title of the first card of a further message.
    static let continuedCard = "The answer goes on"
    /// On the card of a call that is still running when its message ends.
    static let continuesBelow = "goes on in the next message"
    /// On the card of a call that is still running when the answer ends.
    static let notFinished = "did not finish"

    /// What the asker sees about the end of a call; nil while it is running.
    static func ending(of call: ToolActivity) -> String? {
        switch call.outcome {
        case .running: nil
        case .succeeded: duration(call.milliseconds)
        case .failed: "failed after \(duration(call.milliseconds))"
        case .denied: "was refused"
        case .unknown: "outcome unknown"
        }
    }
}
