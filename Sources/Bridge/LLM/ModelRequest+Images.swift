extension ModelRequest {
    /// Puts words in place of the newest images: those of results, or of a user; false when there is none.
    mutating func describeNewestImages() -> Bool {
        for index in messages.indices.reversed() {
            switch messages[index] {
            case .toolResults(let results):
                let described = results.map(\.withoutImages)
                guard described != results else { continue }
                messages[index] = .toolResults(described)
                return true
            case .images(let images):
                messages[index] = .user("[images left out: \(images.count); they cannot be shown to you]")
                return true
            case .user, .assistant, .turn: continue
            }
        }
        return false
    }
}

extension ModelToolResult {
    fileprivate var withoutImages: ModelToolResult {
        var result = self.result
        result.content = result.content.map { part in
            guard case .image(_, let mimeType) = part else { return part }
            return .text("[image of type \(mimeType) left out: it cannot be shown to you]")
        }
        return ModelToolResult(callID: callID, tool: tool, result: result)
    }
}
