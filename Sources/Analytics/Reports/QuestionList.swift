import Bridge

/// The first questions of a list, and whether there are more.
struct QuestionList {
    let shown: [QuestionEntry]
    let isCut: Bool

    /// - Parameter read: reads that many questions at most.
    init(limit: Int, _ read: (Int) throws -> [QuestionEntry]) rethrows {
        let found = try read(limit + 1)
        shown = Array(found.prefix(limit))
        isCut = found.count > limit
    }

    /// The member `has_more` of structured content.
    var extra: (String, JSONValue) { ("has_more", .bool(isCut)) }

    static let extraSchema: (key: String, schema: JSONValue) = (
        "has_more", ["type": "boolean", "description": "Whether the limit left questions out."]
    )

    var notes: [String] { ReportNotes.more(isCut, shown: shown.count) }
}
