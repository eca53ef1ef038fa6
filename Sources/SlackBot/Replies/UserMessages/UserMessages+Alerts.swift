// What the administrators' channel is told.
extension UserMessages {
    /// Why questions fail for a reason that an administrator can remove.
    ///
    /// - Parameters:
    ///   - cause: the provider's text, without secrets.
    ///   - repeated: how often it has happened since it was told last.
    static func modelTrouble(_ report: String, cause: String?, errorID: String, repeated: Int) -> String {
        var lines = [":rotating_light: A question could not be answered. \(Markdown.escape(report))"]
        if let cause, !cause.isEmpty { lines.append("Reported: \(Markdown.escape(cause))") }
        if repeated > 0 {
            let times = repeated == 1 ? "once more" : "\(repeated) more times"
            lines.append("It has happened \(times) since I told you last.")
        }
        lines.append("Error id: `\(errorID)`. I tell this once an hour at most; the log has every question.")
        return lines.joined(separator: "\n")
    }
}
