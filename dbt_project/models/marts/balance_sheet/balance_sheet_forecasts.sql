{{ forecasts_with_scores(['net_liquidity', 'reserves', 'fed_assets', 'tga_month_end', 'tga_quarter_end'], 'usd_bn') }}
