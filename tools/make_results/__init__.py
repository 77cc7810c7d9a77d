"""make_results"""
