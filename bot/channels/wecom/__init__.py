"""WeCom (企业微信), self-built app.

callback → envelope → inbound      what comes in: verified, opened, turned into `domain.messages.Inbound`
channel  → cards, texts → client   what goes out: `domain.cards.Content` turned into the platform's calls
"""
