import Bridge

extension QuestionOutcome {
    /// The same outcome, whose text, that of a tool, is shown as Markdown: JSON as a block of code.
    var asMarkdown: QuestionOutcome {
        guard case .answered(var answer) = self else { return self }
        answer.text =
            answer.text.trimmingSpace.isEmpty ? UserMessages.toolWithoutText : JSONCodeBlock.around(answer.text)
        return .answered(answer)
    }
}

/// A tool's JSON as Markdown.
private enum JSONCodeBlock {
    /// The text in a fence that it does not contain; a text that is no JSON object or array as it is.
    static func around(_ text: String) -> String {
        guard let first = text.trimmingSpace.first, "{[".contains(first), (try? JSONValue(lenient: text)) != nil else {
            return text
        }
        var fence = "```"
        while text.contains(fence) { fence += "`" }
        return "\(fence)json\n\(text)\n\(fence)"
    }
}
